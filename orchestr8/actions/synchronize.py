"""synchronize: have rsync make a folder like another, between the controller and a host."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

_MARK = "<<CHANGED>>"
_SWITCHES = {
    "recursive": ("--recursive", "--no-recursive"),
    "links": ("--links", "--no-links"),
    "perms": ("--perms", "--no-perms"),
    "times": ("--times", "--no-times"),
    "owner": ("--owner", "--no-owner"),
    "group": ("--group", "--no-group"),
}
_FLAGS = {
    "archive": "--archive",
    "checksum": "--checksum",
    "compress": "--compress",
    "existing_only": "--existing",
    "delete": "--delete-after",
    "dirs": "--dirs",
    "copy_links": "--copy-links",
    "partial": "--partial",
    "delay_updates": "--delay-updates",
}
_ON = {"archive", "compress", "delay_updates"}
SPEC = ModuleSpec(
    name="synchronize",
    controller=True,
    doc="Have rsync make a folder like another, between the controller and a host.",
    args={
        "src": Arg("str", "The path to take.", required=True),
        "dest": Arg("str", "The path to make like it.", required=True),
        "mode": Arg("str", "push: from the controller; pull: from the host.", default="push",
                    choices=["pull", "push"]),
        "dest_port": Arg("int", "Port of SSH, in place of the host's."),
        **{name: Arg("bool", f"rsync's {flag}.", default=name in _ON) for name, flag in _FLAGS.items()},
        **{name: Arg("bool", f"rsync's {pair[0]} or {pair[1]}.") for name, pair in _SWITCHES.items()},
        "rsync_path": Arg("str", "The rsync command on the host."),
        "rsync_timeout": Arg("int", "Seconds without a byte.", default=0),
        "rsync_opts": Arg("list", "More words for rsync.", default=[], elements="str"),
        "link_dest": Arg("list", "Folders to link unchanged files from.", elements="str"),
        "set_remote_user": Arg("bool", "Name the host's user.", default=True),
        "private_key": Arg("path", "Key, in place of the host's."),
        "verify_host": Arg("bool", "Accepted; the host's key is verified as everywhere.", default=False),
        "use_ssh_args": Arg("bool", "Accepted; the host's own options are used.", default=False),
        "ssh_connection_multiplexing": Arg("bool", "Accepted.", default=False),
    },
)  # fmt: skip


def run(work: Work) -> dict[str, Any]:
    """Run rsync on the controller; it says itself what changed."""
    if shutil.which("rsync") is None:
        raise _failed(work, "synchronize needs rsync on the controller: install it")
    argv = words(work)
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    shown = done.stdout.replace(_MARK, "")
    result: dict[str, Any] = {"cmd": shlex.join(argv), "rc": done.returncode, "changed": _MARK in done.stdout}
    if done.returncode:
        return {**result, "changed": False, "failed": True, "msg": done.stderr.strip() or shown}
    result.update(msg=shown, stdout_lines=[line for line in shown.splitlines() if line])
    if work.diff:
        result["diff"] = {"prepared": shown}
    return result


def words(work: Work) -> list[str]:
    """Return rsync's command line."""
    args = work.args
    argv = ["rsync", *(flag for name, flag in _FLAGS.items() if args.get(name, name in _ON))]
    argv += ["--dry-run"] if work.check else []
    for name, (on, off) in _SWITCHES.items():
        if args.get(name) is not None:
            argv.append(on if args[name] else off)
    argv += [f"--timeout={args['rsync_timeout']}"] if args.get("rsync_timeout") else []
    argv += [f"--link-dest={path}" for path in args.get("link_dest") or []]
    argv += [str(word) for word in args.get("rsync_opts") or []]
    remote = _said(work, "ansible_connection") != "local"
    argv += _remote(work) if remote else []
    argv += ["--out-format=" + _MARK + "%i %n%L", "--"]
    pull = args.get("mode") == "pull"
    here = str(args["dest" if pull else "src"])
    there = str(args["src" if pull else "dest"])
    here, there = _local(work, here, source=not pull), _place(work, there) if remote else there
    return [*argv, there, here] if pull else [*argv, here, there]


def _local(work: Work, path: str, *, source: bool) -> str:
    """Return a path of the controller; a relative source is looked for where the task stands."""
    path = os.path.expanduser(path)
    if not source or os.path.isabs(path):
        return path
    slash = "/" if path.endswith("/") else ""
    return work.files.find(path.rstrip("/"), "files") + slash


def _said(work: Work, *names: str) -> Any:
    """Return the first of these variables of the host that is there."""
    for name in names:
        if name in work.scope:
            return work.templar.render(work.scope[name], work.scope)
    return None


def _remote(work: Work) -> list[str]:
    ssh = ["ssh", "-S", "none", "-o", "BatchMode=yes"]
    port = work.args.get("dest_port") or _said(work, "ansible_port", "ansible_ssh_port")
    key = work.args.get("private_key") or _said(
        work, "ansible_ssh_private_key_file", "ansible_private_key_file"
    )
    ssh += ["-p", str(port)] if port else []
    ssh += ["-i", os.path.expanduser(str(key))] if key else []
    for name in ("ansible_ssh_common_args", "ansible_ssh_extra_args"):
        ssh += shlex.split(str(_said(work, name) or ""))
    path = work.args.get("rsync_path")
    become = work.request("rsync", {}).become
    if path is None and become is not None:
        path = f"sudo -n -u {shlex.quote(become.user)} rsync"
    return ["--rsh=" + shlex.join(ssh), *([f"--rsync-path={path}"] if path else [])]


def _place(work: Work, path: str) -> str:
    address = str(_said(work, "ansible_host", "ansible_ssh_host") or work.target)
    user = _said(work, "ansible_user", "ansible_ssh_user") if work.args.get("set_remote_user", True) else None
    host = f"[{address}]" if ":" in address else address
    return f"{user}@{host}:{path}" if user else f"{host}:{path}"


def _failed(work: Work, text: str) -> HostFailed:
    return HostFailed(Diagnostic("O8-2308", text, work.task.span))
