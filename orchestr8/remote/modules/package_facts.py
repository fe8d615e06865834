"""package_facts: lists the installed packages as a fact."""

from typing import Any, Callable, Dict, List

from orchestr8.remote import dpkg
from orchestr8.remote.facts.reading import Files
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run, text

Packages = Dict[str, List[Dict[str, Any]]]
_RPM = r"%{NAME}\t%{VERSION}\t%{RELEASE}\t%{EPOCH}\t%{ARCH}\n"
_ALIASES = {"dnf": "rpm", "dnf5": "rpm", "yum": "rpm", "zypper": "rpm"}


class PackageFacts(Module):
    """Returns the installed packages and their versions as facts."""

    name = "package_facts"
    args = {
        "manager": Arg(
            "list",
            "Where to look: auto, apt, rpm (also as dnf, dnf5, yum, zypper) or apk.",
            default=["auto"],
            elements="str",
        ),
        "strategy": Arg("str", "The first that is there, or all.", default="first", choices=["first", "all"]),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Read; never changes anything."""
        names = [_ALIASES.get(name.lower(), name.lower()) for name in call["manager"]]
        wanted = list(READERS) if "auto" in names else names
        unknown = [name for name in wanted if name not in READERS]
        if unknown:
            raise Failure(f"Unsupported package managers requested: {', '.join(unknown)}")
        there = [name for name in wanted if Files().exists(MARKS[name])]
        if not there:
            raise Failure(
                "Could not detect a supported package manager from the following list: " + str(wanted)
            )
        found: Packages = {}
        for name in there[:1] if call["strategy"] == "first" else there:
            for package, entries in READERS[name]().items():
                found.setdefault(package, []).extend(entries)
        return {"changed": False, "ansible_facts": {"packages": found}}


def _dpkg() -> Packages:
    found: Packages = {}
    for package in dpkg.Status().packages():
        if dpkg.installed(package):
            entry = {
                "name": package.name,
                "version": package.version,
                "arch": package.architecture,
                "source": "apt",
            }
            found.setdefault(package.name, []).append(entry)
    return found


def _rpm() -> Packages:
    found: Packages = {}
    for line in _lines(["rpm", "-qa", "--queryformat", _RPM]):
        fields = line.split("\t")
        if len(fields) == 5:
            name, version, release, epoch, arch = fields
            entry: Dict[str, Any] = {"name": name, "version": version, "release": release, "arch": arch}
            entry.update(epoch=int(epoch) if epoch.isdigit() else None, source="rpm")
            found.setdefault(name, []).append(entry)
    return found


def _apk() -> Packages:
    found: Packages = {}
    name = ""
    for line in Files().lines("/lib/apk/db/installed"):
        key, _, value = line.partition(":")
        if key == "P":
            name = value
            found.setdefault(name, []).append({"name": name, "source": "apk"})
        elif key == "V" and name:
            version, _, release = value.partition("-")
            found[name][-1].update(version=version, release=release)
        elif key == "A" and name:
            found[name][-1]["arch"] = value
    return found


def _lines(argv: List[str]) -> List[str]:
    done = run(argv, parse=True)
    if done.rc:
        raise Failure(f"{argv[0]} failed: {text(done.stderr).strip()}", rc=done.rc)
    return text(done.stdout).splitlines()


READERS: Dict[str, Callable[[], Packages]] = {"rpm": _rpm, "apt": _dpkg, "apk": _apk}
MARKS = {"rpm": "/var/lib/rpm/", "apt": dpkg.STATUS, "apk": "/lib/apk/db/installed"}

MODULE = PackageFacts
