"""cron: manages the jobs and variables of crontabs."""

import os
from typing import Any, Dict, List

from orchestr8.remote.cron_tab import MARK, CronTab
from orchestr8.remote.module import Arg, Call, Failure, Module

_TIMES = "annually daily hourly monthly reboot weekly yearly"


class Cron(Module):
    """Adds, changes and removes jobs and variables in a crontab, each known by its name."""

    name = "cron"
    args = {
        "name": Arg("str", "Name of the job, or of the variable with env.", required=True),
        "user": Arg("str", "Whose crontab; with cron_file, as whom the job runs (root by default)."),
        "job": Arg("str", "The command line, or the variable's value with env.", aliases=["value"]),
        "state": Arg("str", "Whether it is there.", default="present", choices=["absent", "present"]),
        "cron_file": Arg(
            "path", "Use this file, under /etc/cron.d unless absolute, and not a user's crontab."
        ),
        "backup": Arg("bool", "Keep a copy of the crontab as it was.", default=False),
        "minute": Arg("str", "Minute, 0-59, or a pattern of cron.", default="*"),
        "hour": Arg("str", "Hour, 0-23, or a pattern of cron.", default="*"),
        "day": Arg("str", "Day of the month, 1-31, or a pattern of cron.", default="*", aliases=["dom"]),
        "month": Arg("str", "Month, 1-12, or a pattern of cron.", default="*"),
        "weekday": Arg(
            "str", "Day of the week, 0-6 from Sunday, or a pattern of cron.", default="*", aliases=["dow"]
        ),
        "special_time": Arg("str", "A time with a name.", choices=_TIMES.split()),
        "disabled": Arg("bool", "Keep the job, but as a comment.", default=False),
        "env": Arg("bool", "Manage a variable and not a job.", default=False),
        "insertafter": Arg("str", "With env, put a new variable after this one."),
        "insertbefore": Arg("str", "With env, put a new variable before this one."),
    }
    exclusive = (("insertafter", "insertbefore"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Bring the job or variable into the wanted state."""
        _refuse(call)
        table = CronTab(None if call["cron_file"] else call["user"], call["cron_file"])
        before, saved = table.rendered(), ""
        (_variable if call["env"] else _job)(call, table)
        out: Dict[str, Any] = {"changed": table.rendered() != before}
        if out["changed"]:
            header = table.path or (f"crontab of {call['user']}" if call["user"] else "crontab")
            gone = "/dev/null" if table.path and not table.rendered().strip() else header
            out["diff"] = {"before": before, "after": table.rendered()}
            out["diff"].update(before_header=header, after_header=gone)
            if not call.check:
                if call["backup"]:
                    saved = CronTab(None if call["cron_file"] else call["user"], call["cron_file"]).save()
                _store(call, table)
        if saved:
            out["backup_file"] = saved
        if call["cron_file"]:
            out["cron_file"] = call["cron_file"]
        out.update(jobs=table.names(), envs=table.variables())
        return out


def _refuse(call: Call) -> None:
    if call["cron_file"] == "/etc/crontab":
        raise Failure("Will not manage /etc/crontab via cron_file, see documentation.")
    fields = [call[key] for key in ("minute", "hour", "day", "month", "weekday")]
    if call["special_time"] and fields != ["*"] * 5:
        raise Failure("You cannot combine special_time with any of the time or day/date parameters.")
    if call["state"] == "present" and call["job"] is None:
        raise Failure("You must specify 'job' to install a new cron job or variable")
    if (call["insertafter"] or call["insertbefore"]) and not call["env"]:
        raise Failure("Insertafter and insertbefore parameters are valid only with env=yes")
    if any("\n" in field for field in [call["name"], *fields]) or (
        call["job"] and "\n" in call["job"].strip("\r\n")
    ):
        raise Failure("Job should not contain line breaks")


def _job(call: Call, table: CronTab) -> None:
    at = table.job(call["name"])
    wanted = [] if call["state"] == "absent" else [MARK + call["name"], _line(call)]
    if at is None:
        table.lines += wanted
    else:
        table.lines[at : at + 2] = wanted


def _line(call: Call) -> str:
    fields: List[str] = ["@" + call["special_time"]] if call["special_time"] else []
    fields = fields or [call[key] for key in ("minute", "hour", "day", "month", "weekday")]
    if call["cron_file"]:
        fields.append(call["user"] or "root")
    return ("#" if call["disabled"] else "") + " ".join([*fields, call["job"].strip("\r\n")])


def _variable(call: Call, table: CronTab) -> None:
    at = table.variable(call["name"])
    if call["state"] == "absent":
        if at is not None:
            del table.lines[at]
        return
    line = f'{call["name"]}="{call["job"]}"'
    if at is not None:
        table.lines[at] = line
        return
    other = call["insertafter"] or call["insertbefore"]
    place = table.variable(other) if other else 0
    if place is None:
        raise Failure(f"Variable named '{other}' not found.")
    table.lines.insert(place + bool(call["insertafter"]), line)


def _store(call: Call, table: CronTab) -> None:
    """Write the crontab; a file of /etc/cron.d that holds nothing any more is removed."""
    if table.path and not any(line.strip() for line in table.lines):
        os.unlink(table.path)
        return
    table.write(call)


MODULE = Cron
