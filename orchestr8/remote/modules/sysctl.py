"""sysctl: sets parameters of the kernel, in a file for the next boot and now."""

import os
import re
from typing import Any, Dict, List, Optional

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import reason, required
from orchestr8.remote.text_file import TextFile
from orchestr8.remote.values import FALSE, TRUE

_REFUSED = re.compile(r"^sysctl: .*(Invalid argument|Read-only file system)\s*$", re.M)


class Sysctl(Module):
    """Sets or forgets one parameter of the kernel."""

    name = "sysctl"
    args = {
        "name": Arg("str", "The parameter, such as net.ipv4.ip_forward.", required=True, aliases=["key"]),
        "value": Arg("str", "Its value; yes and no mean 1 and 0.", aliases=["val"]),
        "state": Arg(
            "str", "Whether the file has the parameter.", default="present", choices=["present", "absent"]
        ),
        "ignoreerrors": Arg("bool", "Pass over parameters that the kernel does not know.", default=False),
        "reload": Arg("bool", "Load the file after it was changed.", default=True),
        "sysctl_file": Arg("path", "The file.", default="/etc/sysctl.conf"),
        "sysctl_set": Arg("bool", "Compare and set the running kernel's value too.", default=False),
    }
    required_if = (("state", "present", ("value",)),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare the file's and, if asked, the kernel's value with the wanted one."""
        name = call["name"].strip()
        if not name:
            raise Failure("name cannot be blank")
        if call["state"] == "present" and not (call["value"] or "").strip():
            raise Failure("value cannot be blank")
        wanted = _plain(call["value"]) if call["state"] == "present" else None
        out: Dict[str, Any] = {"changed": False}
        path = os.path.realpath(call["sysctl_file"])
        file = TextFile(path)
        if wanted is not None and call["sysctl_set"] and not _same(_running(name), wanted):
            out["changed"] = True
            if not call.check:
                _set(call, name, wanted)
        if file.settle(call, _edited(file.lines, name, wanted), out) and call["reload"] and not call.check:
            _reload(call, path)
        return out


def _plain(value: str) -> str:
    word = value.strip()
    if word.lower() in TRUE:
        return "1"
    return "0" if word.lower() in FALSE else word


def _edited(lines: List[str], name: str, wanted: Optional[str]) -> List[str]:
    """Return the lines with one of the parameter, where its first one was, or with none."""
    kept: List[str] = []
    placed = wanted is None
    for line in lines:
        if _key(line) != name:
            kept.append(line)
            continue
        if not placed and wanted is not None:
            kept.append(line if _same(line.partition("=")[2], wanted) else f"{name}={wanted}")
            placed = True
    return kept if placed else [*kept, f"{name}={wanted}"]


def _key(line: str) -> str:
    bare = line.strip()
    return "" if bare[:1] in ("#", ";") or "=" not in bare else bare.partition("=")[0].strip()


def _same(value: Optional[str], wanted: str) -> bool:
    return value is not None and value.split() == wanted.split()


def _running(name: str) -> Optional[str]:
    """Return the kernel's value; a dot separates, and a slash stands for a dot in an interface's name."""
    swapped = name if "/" in name.split(".", 1)[0] else name.translate(str.maketrans("./", "/."))
    try:
        with open(os.path.join("/proc/sys", swapped)) as stream:
            return stream.read()
    except OSError:
        return None


def _set(call: Call, name: str, wanted: str) -> None:
    flags = ["-e"] if call["ignoreerrors"] else []
    done = run([required("sysctl", "procps"), *flags, "-w", f"{name}={wanted}"], parse=True)
    if not call["ignoreerrors"] and (done.rc or _REFUSED.search(text(done.stderr))):
        raise Failure(f"setting {name} failed: {reason(done)}", rc=done.rc)


def _reload(call: Call, path: str) -> None:
    flags = ["-e"] if call["ignoreerrors"] else []
    done = run([required("sysctl", "procps"), *flags, "-p", path], parse=True)
    if done.rc or _REFUSED.search(text(done.stderr)):
        raise Failure(f"Failed to reload sysctl: {reason(done)}", rc=done.rc)


MODULE = Sysctl
