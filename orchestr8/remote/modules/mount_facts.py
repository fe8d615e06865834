"""mount_facts: what is mounted, and what fstab says."""

import os
from fnmatch import fnmatch
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from orchestr8.remote import fstab_lines
from orchestr8.remote.facts.reading import Files
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.volume_sizes import sizes

_DYNAMIC = ("/etc/mtab", "/proc/mounts", "/etc/mnttab")
_STATIC = ("/etc/fstab", "/etc/vfstab", "/etc/filesystems")
Entry = Tuple[str, str, fstab_lines.Line]


class MountFacts(Module):
    """Tells what is mounted and what fstab says, with sizes."""

    name = "mount_facts"
    args = {
        "devices": Arg("list", "Shell-style patterns of devices.", elements="str"),
        "fstypes": Arg("list", "Shell-style patterns of file systems' types.", elements="str"),
        "sources": Arg("list", "all, static, dynamic, mount, or paths of tables.", elements="str"),
        "mount_binary": Arg("raw", "Accepted; the kernel's own table is read.", default="mount"),
        "timeout": Arg("float", "Accepted; a lost share is told without its size."),
        "on_timeout": Arg(
            "str", "Accepted beside timeout.", default="error", choices=["error", "warn", "ignore"]
        ),
        "include_aggregate_mounts": Arg("bool", "Tell every mount too, where one lies on another."),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Read the tables; never changes anything."""
        if call["timeout"] is not None and call["timeout"] <= 0:
            raise Failure(f"argument 'timeout' must be a positive number or null, not {call['timeout']}")
        found = [entry for entry in _entries(_sources(call)) if _wanted(call, entry[2])]
        told = [_facts(*entry) for entry in found]
        points: Dict[str, Any] = {}
        for facts in told:
            if (
                facts["mount"] not in points
                or points[facts["mount"]]["ansible_context"]["source"] == (facts["ansible_context"]["source"])
            ):
                points[facts["mount"]] = facts
        if call["include_aggregate_mounts"] is None and len(points) < len(told):
            call.warnings.append(
                "mount_facts option 'include_aggregate_mounts' is not set; mounts lie on others"
            )
        many = told if call["include_aggregate_mounts"] else []
        return {"changed": False, "ansible_facts": {"mount_points": points, "aggregate_mounts": many}}


def _sources(call: Call) -> List[str]:
    given = ["all"] if call["sources"] is None else call["sources"]
    paths: List[str] = []
    for source in given:
        if not source:
            raise Failure("sources contains an empty string")
        if source in ("all", "dynamic"):
            paths += _DYNAMIC
        if source in ("all", "static"):
            paths += _STATIC
        if source == "mount":
            paths.append("/proc/mounts")
        elif source not in ("all", "dynamic", "static"):
            paths.append(source)
    return paths


def _entries(paths: Sequence[str]) -> Iterator[Entry]:
    seen = set()
    for path in paths:
        real = os.path.realpath(path)
        if real.endswith("/mounts") and real.startswith("/proc/"):
            real = "/proc/mounts"
        if real in seen or not os.path.exists(path):
            continue
        seen.add(real)
        for text in (Files().text(path) or "").splitlines():
            line = fstab_lines.parsed(text)
            if line is not None:
                yield path, text, line


def _wanted(call: Call, line: fstab_lines.Line) -> bool:
    for value, patterns in ((line.src, call["devices"]), (line.fstype, call["fstypes"])):
        if patterns is not None and not any(fnmatch(value, pattern) for pattern in patterns):
            return False
    return True


def _facts(source: str, text: str, line: fstab_lines.Line) -> Dict[str, Any]:
    facts: Dict[str, Any] = {
        "ansible_context": {"source": source, "source_data": text},
        "device": line.src,
        "mount": line.path,
        "fstype": line.fstype,
        "options": line.opts,
        "dump": _number(line.dump),
        "passno": _number(line.passno),
        "uuid": None,
    }
    facts.update(_sizes(line.path))
    return facts


def _number(field: str) -> int:
    return int(field) if field.isdigit() else 0


def _sizes(path: str) -> Dict[str, int]:
    try:
        return sizes(path)
    except OSError:
        return {}


MODULE = MountFacts
