"""Packages of hosts that are not Debian's kin: dnf, yum and apk in their common shape."""

from typing import Any, Callable, Dict, List, NamedTuple

from orchestr8.remote.module import Call, Failure
from orchestr8.remote.process import Finished, run, text

Tool = NamedTuple(
    "Tool",
    [
        ("installed", List[str]),
        ("install", List[str]),
        ("upgrade", List[str]),
        ("remove", List[str]),
        ("refresh", List[str]),
        ("unchanged", Callable[[str], bool]),
    ],
)


def _dnf(program: str) -> Tool:
    base = [program, "-y", "-q"]
    query = ["rpm", "-q", "--whatprovides"]
    return Tool(
        query,
        [*base, "install"],
        [*base, "upgrade"],
        [*base, "remove"],
        [*base, "makecache"],
        _says_nothing_to_do,
    )


def _says_nothing_to_do(output: str) -> bool:
    return not output.strip() or "Nothing to do" in output


def _apk_only_ok(output: str) -> bool:
    lines = [line for line in output.splitlines() if line.strip()]
    return bool(lines) and all(line.startswith(("OK:", "fetch ")) for line in lines)


TOOLS = {
    "dnf": _dnf("dnf"),
    "dnf5": _dnf("dnf5"),
    "yum": _dnf("yum"),
    "apk": Tool(
        ["apk", "info", "-e"],
        ["apk", "add"],
        ["apk", "add", "-u"],
        ["apk", "del"],
        ["apk", "update"],
        _apk_only_ok,
    ),
}


def manage(kind: str, call: Call, state: str) -> Dict[str, Any]:
    """Bring the packages into the wanted state with this package manager."""
    if kind not in TOOLS:
        raise Failure(
            f"the package manager of this host, {kind}, is not supported; supported: apt, {', '.join(TOOLS)}"
        )
    if state not in ("present", "absent", "latest"):
        raise Failure(f"value of state must be one of: absent, latest, present, got: {state}")
    tool = TOOLS[kind]
    if call["update_cache"] and not call.check:
        _must(tool.refresh, call)
    names = [part.strip() for name in call["name"] for part in name.split(",") if part.strip()]
    there = [name for name in names if run([*tool.installed, name], parse=True).rc == 0]
    missing = [name for name in names if name not in there]
    if state == "absent":
        return _change(tool.remove, there, call)
    result = _change(tool.install, missing, call)
    if state == "latest" and there and not call.check:
        output = text(_must([*tool.upgrade, *there], call).stdout)
        result.update(changed=result["changed"] or not tool.unchanged(output), stdout=output)
    return result


def _change(argv: List[str], names: List[str], call: Call) -> Dict[str, Any]:
    if not names or call.check:
        return {"changed": bool(names), "results": names}
    done = _must([*argv, *names], call)
    return {"changed": True, "results": names, "stdout": text(done.stdout), "stderr": text(done.stderr)}


def _must(argv: List[str], call: Call) -> Finished:
    done = run(argv, parse=True, timeout=call.timeout, progress=call.progress)
    if done.rc:
        reason = (text(done.stderr) or text(done.stdout)).strip()
        raise Failure(f"'{' '.join(argv)}' failed: {reason}", rc=done.rc, stderr=text(done.stderr))
    return done
