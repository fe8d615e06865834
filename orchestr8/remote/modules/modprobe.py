"""modprobe: loads and unloads modules of the kernel."""

import os
import re
from typing import Any, Dict, List, Tuple

from orchestr8.remote.facts.reading import Files
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import reason, required, said
from orchestr8.remote.text_file import TextFile

LOADED_AT_BOOT, OPTIONS = "/etc/modules-load.d", "/etc/modprobe.d"


class Modprobe(Module):
    """Loads or unloads a module of the kernel, now and at boot."""

    name = "modprobe"
    args = {
        "name": Arg("str", "The kernel's module.", required=True),
        "state": Arg("str", "Whether it is loaded.", default="present", choices=["absent", "present"]),
        "params": Arg("str", "Its parameters.", default=""),
        "persistent": Arg(
            "str",
            "Whether it is loaded at boot; disabled leaves that alone.",
            default="disabled",
            choices=["disabled", "absent", "present"],
        ),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and repair."""
        out: Dict[str, Any] = {key: call[key] for key in ("name", "params", "state")}
        out.update(changed=False, stderr="")
        if _loaded(call["name"]) != (call["state"] == "present"):
            out["changed"] = True
            if not call.check:
                _act(call, out)
        if call["persistent"] != "disabled":
            _persist(call, out)
        return out


def _loaded(name: str) -> bool:
    """Return whether the kernel has a module, built in or loaded."""
    plain = name.replace("-", "_")
    if os.path.isdir(f"/sys/module/{plain}") and not os.path.exists(f"/sys/module/{plain}/initstate"):
        return True
    listed = (Files().text("/proc/modules") or "").splitlines()
    if any(line.split(" ", 1)[0] == plain for line in listed):
        return True
    built_in = Files().text(f"/lib/modules/{os.uname().release}/modules.builtin") or ""
    return any(
        os.path.basename(line).split(".", 1)[0].replace("-", "_") == plain for line in built_in.splitlines()
    )


def _act(call: Call, out: Dict[str, Any]) -> None:
    import shlex

    words = (
        ["-r", call["name"]] if call["state"] == "absent" else [call["name"], *shlex.split(call["params"])]
    )
    done = run([required("modprobe", "kmod"), *words], parse=True)
    out["stderr"] = text(done.stderr)
    if done.rc:
        raise Failure(reason(done), name=call["name"], **said(done))


def _persist(call: Call, out: Dict[str, Any]) -> None:
    present = call["persistent"] == "present"
    name = re.escape(call["name"])
    listed = re.compile(rf"^\s*{name}\s*(?:#.*)?$")
    options = re.compile(rf"^\s*options\s+{name}\s+(.*?)\s*$")
    at_boot = _lines(LOADED_AT_BOOT, listed)
    wanted = call["params"]
    given = _lines(OPTIONS, options)
    if not present or given != [wanted] * bool(wanted):
        _comment_out(call, OPTIONS, options, out)
    if not present:
        _comment_out(call, LOADED_AT_BOOT, listed, out)
        return
    if not at_boot:
        _write(call, LOADED_AT_BOOT, call["name"], out)
    if wanted and given != [wanted]:
        _write(call, OPTIONS, f"options {call['name']} {wanted}", out)


def _files(folder: str) -> List[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if name.endswith(".conf")]


def _lines(folder: str, wanted: "re.Pattern[str]") -> List[str]:
    """Return what the matching lines of a folder's files say."""
    found: List[str] = []
    for path in _files(folder):
        matches: Tuple[Any, ...] = tuple(
            wanted.match(line) for line in (Files().text(path) or "").splitlines()
        )
        found += [match.group(match.re.groups) for match in matches if match]
    return found


def _comment_out(call: Call, folder: str, gone: "re.Pattern[str]", out: Dict[str, Any]) -> None:
    for path in _files(folder):
        file = TextFile(path)
        file.settle(call, [f"#{line}" if gone.match(line) else line for line in file.lines], out)


def _write(call: Call, folder: str, line: str, out: Dict[str, Any]) -> None:
    if not os.path.isdir(folder) and not call.check:
        os.makedirs(folder)
    TextFile(os.path.join(folder, call["name"] + ".conf"), 0o644).settle(call, [line], out)


MODULE = Modprobe
