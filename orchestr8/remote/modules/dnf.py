"""dnf: manages packages on Red Hat's kin, by dnf5, dnf or yum, whichever the host has."""

import os
from typing import Any, Dict, List

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import Finished, run, text
from orchestr8.remote.programs import found, must, reason, said

_STATES = {"installed": "present", "removed": "absent", None: "present"}
_FLAGS = {
    "disable_gpg_check": "--nogpgcheck",
    "skip_broken": "--skip-broken",
    "allowerasing": "--allowerasing",
    "nobest": "--nobest",
    "best": "--best",
    "cacheonly": "--cacheonly",
    "download_only": "--downloadonly",
}
_LISTS = {
    "enablerepo": "--enablerepo",
    "disablerepo": "--disablerepo",
    "exclude": "--exclude",
    "enable_plugin": "--enableplugin",
    "disable_plugin": "--disableplugin",
}
_TEXTS = {"conf_file": "--config", "releasever": "--releasever", "disable_excludes": "--disableexcludes"}


class Dnf(Module):
    """Installs, upgrades and removes packages by dnf."""

    name = "dnf"
    args = {
        "name": Arg(
            "list",
            "The packages: names, files, addresses, @groups.",
            default=[],
            elements="str",
            aliases=["pkg"],
        ),
        "list": Arg("str", "installed, updates, available, repos or a name: tell what there is."),
        "state": Arg(
            "str", "Whether they are there.", choices=["absent", "present", "installed", "removed", "latest"]
        ),
        "use_backend": Arg(
            "str",
            "Which program; auto takes what there is.",
            default="auto",
            choices=["auto", "dnf", "yum", "yum4", "dnf4", "dnf5"],
            aliases=["use"],
        ),
        "enablerepo": Arg("list", "Repositories to use too.", default=[], elements="str"),
        "disablerepo": Arg("list", "Repositories not to use.", default=[], elements="str"),
        "conf_file": Arg("str", "Another configuration file."),
        "disable_gpg_check": Arg("bool", "Do not check signatures.", default=False),
        "installroot": Arg("str", "Another root.", default="/"),
        "releasever": Arg("str", "Another release."),
        "autoremove": Arg("bool", "Remove what nothing needs any more.", default=False),
        "exclude": Arg("list", "Packages to leave alone.", default=[], elements="str"),
        "skip_broken": Arg("bool", "Pass over what cannot be installed.", default=False),
        "update_cache": Arg("bool", "Fetch the lists first.", default=False, aliases=["expire-cache"]),
        "update_only": Arg("bool", "With latest, install nothing new.", default=False),
        "security": Arg("bool", "With latest, only security updates.", default=False),
        "bugfix": Arg("bool", "With latest, only bug fixes.", default=False),
        "enable_plugin": Arg("list", "Plugins to use.", default=[], elements="str"),
        "disable_plugin": Arg("list", "Plugins not to use.", default=[], elements="str"),
        "disable_excludes": Arg("str", "Excludes of the configuration not to heed."),
        "validate_certs": Arg("bool", "Check certificates of addresses.", default=True),
        "sslverify": Arg("bool", "Check certificates of repositories.", default=True),
        "allow_downgrade": Arg("bool", "A version that is named may be older.", default=False),
        "install_repoquery": Arg("bool", "Accepted; nothing needs it.", default=True),
        "download_only": Arg("bool", "Only download.", default=False),
        "lock_timeout": Arg("int", "Accepted; dnf waits for its lock itself.", default=30),
        "install_weak_deps": Arg("bool", "Install what is recommended too.", default=True),
        "download_dir": Arg("str", "Where downloads go."),
        "allowerasing": Arg("bool", "May remove what is in the way.", default=False),
        "nobest": Arg("bool", "May take lower versions."),
        "best": Arg("bool", "Take the best version or none."),
        "cacheonly": Arg("bool", "Fetch nothing.", default=False),
    }
    exclusive = (("name", "list"), ("best", "nobest"))

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and act."""
        program = _program(call["use_backend"])
        names = [part.strip() for name in call["name"] for part in name.split(",") if part.strip()]
        if call["list"]:
            return _listed(program, call)
        state = _STATES.get(call["state"], call["state"])
        if not names and not call["autoremove"] and not call["update_cache"]:
            raise Failure("one of the following is required: name, list, autoremove, update_cache")
        if call["autoremove"] and state == "latest":
            raise Failure("Autoremove should be used alone or with state=absent")
        if call["update_cache"] and not call.check:
            must([program, "-y", "-q", *_options(call), "makecache"], "Failed to update the cache")
        if not names and not call["autoremove"]:
            return {"changed": False, "results": [], "rc": 0, "msg": "Cache updated"}
        return _changed(program, call, state, names)


def _program(backend: str) -> str:
    order = {"yum": ["yum", "dnf"], "dnf5": ["dnf5"], "auto": ["dnf5", "dnf", "yum"]}
    for name in order.get(backend, ["dnf"]):
        path = found(name)
        if path is not None:
            return path
    raise Failure("this host has neither dnf nor yum: its packages come by another manager; see package")


def _options(call: Call) -> List[str]:
    words = [flag for name, flag in _FLAGS.items() if call[name]]
    for name, flag in _LISTS.items():
        words += [f"{flag}={value}" for value in call[name]]
    words += [f"{flag}={call[name]}" for name, flag in _TEXTS.items() if call[name]]
    if call["installroot"] != "/":
        words.append(f"--installroot={call['installroot']}")
    if not call["sslverify"]:
        words.append("--setopt=sslverify=0")
    if not call["install_weak_deps"]:
        words.append("--setopt=install_weak_deps=False")
    if call["download_dir"]:
        words.append(f"--downloaddir={call['download_dir']}")
    return words


def _verbs(call: Call, state: str, names: List[str]) -> List[List[str]]:
    """Return what to say to the program, one transaction each."""
    if state == "absent":
        gone = [name for name in names if _installed(call, name)]
        steps = [["remove", *gone]] if gone else []
        return [*steps, ["autoremove"]] if call["autoremove"] else steps
    if call["autoremove"] and not names:
        return [["autoremove"]]
    if state == "latest":
        kinds = [f"--{kind}" for kind in ("security", "bugfix") if call[kind]]
        everything = names == ["*"]
        present = [] if everything else [name for name in names if _installed(call, name)]
        new = [] if call["update_only"] or everything else [name for name in names if name not in present]
        steps = [["upgrade", *kinds]] if everything else []
        steps += [["upgrade", *kinds, *present]] if present else []
        return [*steps, ["install", *new]] if new else steps
    missing = [name for name in names if not _installed(call, name)]
    return [["install", *missing]] if missing else []


def _installed(call: Call, name: str) -> bool:
    """Return whether rpm knows a package, a file's package, or something that provides it."""
    if name.startswith("@") or "*" in name or "://" in name:
        return False
    root = [] if call["installroot"] == "/" else ["--root", call["installroot"]]
    if os.path.isfile(name):
        label = text(run(["rpm", "-qp", name], parse=True).stdout).strip()
        return run(["rpm", *root, "-q", label], parse=True).rc == 0
    kinds: List[List[str]] = [["-q"], ["-q", "--whatprovides"]]
    return any(run(["rpm", *root, *kind, name], parse=True).rc == 0 for kind in kinds)


def _changed(program: str, call: Call, state: str, names: List[str]) -> Dict[str, Any]:
    steps = _verbs(call, state, names)
    out: Dict[str, Any] = {"changed": False, "results": [], "rc": 0, "msg": "Nothing to do"}
    for step in steps:
        mode = ["--assumeno"] if call.check else ["-y"]
        done = run([program, *mode, *_options(call), *step], parse=True, timeout=call.timeout)
        if _nothing(done):
            continue
        if done.rc and not call.check:
            raise Failure(f"{os.path.basename(program)} {step[0]} failed: {reason(done)}", **said(done))
        out.update(changed=True, msg="")
        out["results"] += [f"{step[0]}: {name}" for name in step[1:]] or [step[0]]
    return out


def _nothing(done: Finished) -> bool:
    words = text(done.stdout) + text(done.stderr)
    return "Nothing to do" in words or "No packages marked for" in words


def _listed(program: str, call: Call) -> Dict[str, Any]:
    kinds = {"installed": "--installed", "updates": "--upgrades", "available": "--available"}
    if call["list"] in ("repos", "repositories"):
        words = ["repolist"]
    elif call["list"] in kinds:
        words = ["list", kinds[call["list"]]]
    else:
        words = ["list", call["list"]]
    done = run([program, "-q", *_options(call), *words], parse=True)
    rows = [line.split() for line in text(done.stdout).splitlines()[1:]]
    found_rows = [dict(zip(("name", "version", "repo"), row[:3])) for row in rows if len(row) > 2]  # noqa: B905
    return {"changed": False, "msg": "", "results": found_rows}


MODULE = Dnf
