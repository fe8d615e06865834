"""mount: mounts file systems, now and in fstab."""

import os
from typing import Any, Dict, List, Optional

from orchestr8.remote import fstab_lines
from orchestr8.remote.files import read
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run
from orchestr8.remote.programs import must, reason, required, said
from orchestr8.remote.text_file import TextFile

_STATES = "absent absent_from_fstab mounted present unmounted remounted ephemeral"
_TABLE = "/proc/self/mounts"


class Mount(Module):
    """Mounts, unmounts and remounts file systems, and manages their lines in fstab."""

    name = "mount"
    args = {
        "path": Arg("path", "The mount point.", required=True, aliases=["name"]),
        "src": Arg("path", "What to mount: a device, a share, a label."),
        "fstype": Arg("str", "Type of the file system."),
        "opts": Arg("str", "Options, separated by commas."),
        "opts_no_log": Arg("bool", "Do not log the options.", default=False),
        "dump": Arg("str", "Fifth field of fstab.", default="0"),
        "passno": Arg("str", "Sixth field of fstab.", default="0"),
        "state": Arg(
            "str",
            "present and absent speak of fstab, unmounted and ephemeral of now, mounted of both.",
            required=True,
            choices=_STATES.split(),
        ),
        "fstab": Arg("str", "Another file in place of /etc/fstab."),
        "boot": Arg("bool", "Mount it at boot.", default=True),
        "backup": Arg("bool", "Keep a dated copy of fstab before a change.", default=False),
    }
    required_if = (
        ("state", "mounted", ("src", "fstype")),
        ("state", "present", ("src", "fstype")),
        ("state", "ephemeral", ("src", "fstype")),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Bring fstab and the mount into the wanted state."""
        wanted = _line(call)
        fields = {key: call[key] for key in ("src", "fstype", "boot") if call[key] is not None}
        out: Dict[str, Any] = {"changed": False, "name": call["path"], "fstab": call["fstab"] or "/etc/fstab"}
        fields["boot"] = "yes" if call["boot"] else "no"
        out.update(fields, opts=wanted.opts, dump=wanted.dump, passno=wanted.passno)
        _ACTIONS[call["state"]](call, wanted, out)
        return out


def _line(call: Call) -> fstab_lines.Line:
    opts = call["opts"] or "defaults"
    if not call["boot"] and "noauto" not in opts.split(","):
        opts += ",noauto"
    fields = (call["src"] or "", call["path"], call["fstype"] or "", opts, call["dump"], call["passno"])
    return fstab_lines.Line(*fields)


def _listed(call: Call, wanted: fstab_lines.Line, out: Dict[str, Any]) -> bool:
    """Put the line into fstab; return whether that changed it."""
    if not os.path.exists(out["fstab"]) and not call.check:
        os.makedirs(os.path.dirname(out["fstab"]) or "/", exist_ok=True)
    file = TextFile(out["fstab"], 0o644)
    return file.settle(call, fstab_lines.edited(file.lines, wanted), out, backup=call["backup"])


def _unlisted(call: Call, wanted: fstab_lines.Line, out: Dict[str, Any]) -> None:
    file = TextFile(out["fstab"], 0o644)
    kept = [text for text in file.lines if not _leaves(fstab_lines.parsed(text), wanted)]
    file.settle(call, kept, out, backup=call["backup"])


def _leaves(line: Optional[fstab_lines.Line], gone: fstab_lines.Line) -> bool:
    return line is not None and line.path == gone.path and (not gone.src or line.src == gone.src)


def _mounted(call: Call, wanted: fstab_lines.Line, out: Dict[str, Any]) -> None:
    fresh = not os.path.exists(wanted.path)
    changed = _listed(call, wanted, out)
    there = _now(wanted.path)
    if there is None or _other(wanted):
        out["changed"] = True
        if not call.check:
            try:
                _make(wanted.path)
                _mount(call, out)
            except Failure:
                if fresh and os.path.isdir(wanted.path):
                    os.rmdir(wanted.path)
                raise
    elif changed and not call.check:
        _remount(call, wanted, out)


def _other(wanted: fstab_lines.Line) -> bool:
    """Return whether another directory lies bound over the mount point than the one wanted."""
    if "bind" not in wanted.opts.split(",") or not os.path.isdir(wanted.src):
        return False
    return not os.path.samefile(wanted.src, wanted.path)


def _ephemeral(call: Call, wanted: fstab_lines.Line, out: Dict[str, Any]) -> None:
    there = _now(wanted.path)
    out["changed"] = True
    if there is not None and there.src != wanted.src:
        raise Failure("Ephemeral mount point is already mounted with a different source", **out)
    if call.check:
        return
    if there is not None:
        _remount(call, wanted, out)
        return
    _make(wanted.path)
    argv = [required("mount", "mount"), "-t", wanted.fstype, "-o", wanted.opts, wanted.src, wanted.path]
    must(argv, f"Error mounting {wanted.path}")


def _absent(call: Call, wanted: fstab_lines.Line, out: Dict[str, Any]) -> None:
    _unlisted(call, wanted, out)
    _unmounted(call, wanted, out)
    if not out["changed"] or not os.path.isdir(wanted.path) or call.check:
        return
    try:
        os.rmdir(wanted.path)
    except OSError as error:
        raise Failure(f"Error rmdir {wanted.path}: {error.strerror}", **out) from None


def _unmounted(call: Call, wanted: fstab_lines.Line, out: Dict[str, Any]) -> None:
    if _now(wanted.path) is None:
        return
    out["changed"] = True
    if not call.check:
        must([required("umount", "mount"), wanted.path], f"Error unmounting {wanted.path}")


def _remounted(call: Call, wanted: fstab_lines.Line, out: Dict[str, Any]) -> None:
    out["changed"] = True
    if not call.check:
        _remount(call, wanted, out)


def _now(path: str) -> Optional[fstab_lines.Line]:
    """Return what is mounted at a path, the topmost."""
    real = os.path.realpath(path)
    found = [line for line in fstab_lines.mounts(read_table()) if line.path in (path, real)]
    return found[-1] if found else None


def read_table() -> str:
    """Return the kernel's table of this process's mounts."""
    return read(_TABLE).decode("utf-8", "surrogateescape")


def _make(path: str) -> None:
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        if not os.path.exists(path):
            raise Failure(f"Error making dir {path}: {error.strerror}") from None


def _mount(call: Call, out: Dict[str, Any]) -> None:
    must([required("mount", "mount"), *_table(call, out), call["path"]], f"Error mounting {call['path']}")


def _table(call: Call, out: Dict[str, Any]) -> List[str]:
    return ["-T", out["fstab"]] if call["fstab"] and out["fstab"] != "/etc/fstab" else []


def _remount(call: Call, wanted: fstab_lines.Line, out: Dict[str, Any]) -> None:
    """Remount in place; what cannot be is unmounted and mounted anew."""
    opts = "remount" if not call["opts"] else f"remount,{wanted.opts}"
    words = ["-o", opts] if call["state"] == "ephemeral" or call["opts"] else ["-o", "remount"]
    done = run([required("mount", "mount"), *words, *_table(call, out), wanted.path], parse=True)
    if done.rc == 0:
        return
    if call["state"] == "ephemeral":
        raise Failure(f"Error remounting {wanted.path}: {reason(done)}", **said(done))
    must([required("umount", "mount"), wanted.path], f"Error remounting {wanted.path}")
    _mount(call, out)


_ACTIONS = {
    "absent": _absent,
    "absent_from_fstab": _unlisted,
    "mounted": _mounted,
    "present": _listed,
    "unmounted": _unmounted,
    "remounted": _remounted,
    "ephemeral": _ephemeral,
}
MODULE = Mount
