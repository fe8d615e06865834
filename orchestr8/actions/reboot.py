"""reboot: boot a host anew and wait until it is back."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Mapping
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed, Unreachable
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

_BOOT_ID = "cat /proc/sys/kernel/random/boot_id"
_FOLDERS = ["/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin"]
_PAUSE, _LONGEST_PAUSE = 0.5, 4.0
_CUT_OFF = 128
"""Exit codes from here tell of a shell that was killed, or of a session that ended without any."""
SPEC = ModuleSpec(
    name="reboot",
    controller=True,
    doc="Boot a host anew and wait until it is back.",
    args={
        "pre_reboot_delay": Arg("int", "Seconds before; whole minutes are told to shutdown.", default=0,
                                aliases=["pre_reboot_delay_sec"]),
        "post_reboot_delay": Arg("int", "Seconds after, before the first look.", default=0,
                                 aliases=["post_reboot_delay_sec"]),
        "reboot_timeout": Arg("int", "Seconds until the host must be back.", default=600,
                              aliases=["reboot_timeout_sec"]),
        "connect_timeout": Arg("int", "Accepted; the connection's own bound on one try is used.",
                               aliases=["connect_timeout_sec"]),
        "test_command": Arg("str", "What must succeed then.", default="whoami"),
        "msg": Arg("str", "What users are told.", default="Reboot initiated by Ansible"),
        "search_paths": Arg("list", "Where shutdown is looked for.", default=_FOLDERS, elements="str"),
        "boot_time_command": Arg("str", "What says another word after each boot.", default=_BOOT_ID),
        "reboot_command": Arg("str", "What to run in place of shutdown."),
    },
)  # fmt: skip


def run(work: Work) -> dict[str, Any]:
    """Note which boot this is, start another, and wait until the host says that it is another."""
    began = time.monotonic()
    if _is_local(work):
        msg = "Running reboot with local connection would reboot the control node."
        return {"changed": False, "elapsed": 0, "rebooted": False, "failed": True, "msg": msg}
    if work.check:
        return {"changed": True, "elapsed": 0, "rebooted": True}
    command = _command(work)
    before = _boot(work)
    _start(work, command)
    time.sleep(float(work.args.get("post_reboot_delay") or 0))
    deadline = time.monotonic() + float(work.args.get("reboot_timeout") or 600)
    _wait(work, deadline, lambda: _boot(work) != before, "last boot time check")
    _wait(work, deadline, lambda: _said(work, str(work.args["test_command"]))["rc"] == 0, "test command")
    return {"changed": True, "rebooted": True, "elapsed": int(time.monotonic() - began)}


def _is_local(work: Work) -> bool:
    kind = work.scope.get("ansible_connection") if "ansible_connection" in work.scope else None
    return str(work.templar.render(kind, work.scope)).rpartition(".")[2] == "local"


def _said(work: Work, command: str) -> Mapping[str, Any]:
    request = work.request("raw", {})
    return work.connection().raw(command, become=request.become, timeout=30)


def _boot(work: Work) -> str:
    said = _said(work, str(work.args["boot_time_command"]))
    if said["rc"] != 0:
        text = f"failed to get the host's boot: {said['stderr'] or said['stdout']}".strip()
        raise HostFailed(Diagnostic("O8-2304", text, work.task.span))
    return str(said["stdout"]).strip()


def _command(work: Work) -> str:
    given = work.args.get("reboot_command")
    if given:
        return str(given)
    words = [shlex.quote(str(folder)) for folder in work.args.get("search_paths") or _FOLDERS]
    found = _said(work, f"find {' '.join(words)} -maxdepth 1 -name shutdown 2>/dev/null")
    paths = [line for line in str(found["stdout"]).split() if re.search(r"/shutdown$", line)]
    if not paths:
        text = f'Unable to find command "shutdown" in search paths: {work.args.get("search_paths")}'
        raise HostFailed(Diagnostic("O8-2305", text, work.task.span))
    minutes = int(work.args.get("pre_reboot_delay") or 0) // 60
    return shlex.join([paths[0], "-r", str(minutes), str(work.args["msg"])])


def _start(work: Work, command: str) -> None:
    """Start the reboot; that it ends the connection or the very shell is no failure."""
    try:
        said = _said(work, command)
    except Unreachable:
        return
    if 0 < said["rc"] < _CUT_OFF:
        text = f"Reboot command failed. Error was: '{said['stdout']}, {said['stderr']}'"
        raise HostFailed(Diagnostic("O8-2306", text, work.task.span))


def _wait(work: Work, deadline: float, good: Any, what: str) -> None:
    """Try until it is so; a host that cannot be reached, or cannot say yet, is one that is still booting."""
    pause = _PAUSE
    while True:
        try:
            if good():
                return
        except (Unreachable, HostFailed):
            pass
        if time.monotonic() > deadline:
            text = f"Timed out waiting for {what} (timeout={work.args.get('reboot_timeout')})"
            raise HostFailed(Diagnostic("O8-2307", text, work.task.span))
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
