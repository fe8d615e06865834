"""npm: packages of Node.js."""

import json
import os
from typing import Any, Dict, List

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import required


class Npm(Module):
    """Installs, updates and removes packages by npm, for a folder or for the whole host."""

    name = "npm"
    args = {
        "name": Arg("str", "The package; those of package.json without one."),
        "path": Arg("path", "The folder of the project."),
        "global": Arg("bool", "For the whole host.", default=False),
        "version": Arg("str", "The version."),
        "state": Arg("str", "What is to be.", default="present", choices=["present", "absent", "latest"]),
        "executable": Arg("path", "Another npm."),
        "ignore_scripts": Arg("bool", "Run no scripts of packages.", default=False),
        "unsafe_perm": Arg("bool", "Run scripts as root.", default=False),
        "production": Arg("bool", "Leave out what only developers need.", default=False),
        "registry": Arg("str", "Where packages come from."),
        "ci": Arg("bool", "Install exactly what the lock file names.", default=False),
        "no_optional": Arg("bool", "Leave out what is optional.", default=False),
        "no_bin_links": Arg("bool", "Make no links to programs.", default=False),
        "force": Arg("bool", "Install despite conflicts.", default=False),
    }
    required_if = (("state", "absent", ("name",)),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare with what npm lists, and have it change that."""
        if not call["global"] and not call["path"]:
            raise Failure("path must be specified when not using global")
        npm = _Npm(call)
        if call["ci"]:
            npm.change("ci")
            return {"changed": True}
        changed = _ACTS[call["state"]](call, npm)
        return {"changed": changed}


class _Npm:
    """npm with the options of a task."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._words = call["executable"].split() if call["executable"] else [required("npm", "npm")]
        flags = {"global": "--global", "force": "--force", "no_bin_links": "--no-bin-links"}
        flags.update(ignore_scripts="--ignore-scripts", unsafe_perm="--unsafe-perm")
        flags.update(production="--omit=dev", no_optional="--omit=optional")
        self._flags = [flag for key, flag in flags.items() if call[key]]
        self._flags += ["--registry", call["registry"]] if call["registry"] else []

    def _run(self, *words: str, fine: Any = (0,)) -> str:
        folder = self._call["path"]
        if folder and not os.path.isdir(folder):
            if self._call.check:
                return ""
            os.makedirs(folder)
        done = run([*self._words, *words, *self._flags], cwd=folder, parse=True, timeout=self._call.timeout)
        if done.rc not in fine:
            raise Failure(text(done.stderr).strip() or text(done.stdout).strip(), rc=done.rc)
        return text(done.stdout)

    def change(self, *words: str) -> None:
        """Have npm do something, except in check mode."""
        if not self._call.check:
            self._run(*words)

    def listed(self) -> Dict[str, Dict[str, Any]]:
        """Return the packages that are named or there, as npm lists them."""
        try:
            found = json.loads(self._run("list", "--json", "--depth=0", fine=(0, 1)) or "{}")
        except ValueError as error:
            raise Failure("npm list wrote no JSON: %s" % error) from None
        listed: Dict[str, Dict[str, Any]] = found.get("dependencies") or {}
        return listed

    def outdated(self) -> List[str]:
        """Return the packages of which there are newer ones."""
        found = json.loads(self._run("outdated", "--json", fine=(0, 1)) or "{}")
        return list(found)


def _missing(call: Call, npm: _Npm) -> bool:
    listed = npm.listed()
    there = {
        name: each for name, each in listed.items() if not each.get("missing") and not each.get("invalid")
    }
    if not call["name"]:
        return len(there) != len(listed) or (
            not listed and os.path.isfile(os.path.join(call["path"] or "", "package.json"))
        )
    known = there.get(call["name"])
    return known is None or call["version"] not in (None, known.get("version"))


def _wanted(call: Call) -> List[str]:
    if not call["name"]:
        return []
    return ["%s@%s" % (call["name"], call["version"]) if call["version"] else call["name"]]


def _present(call: Call, npm: _Npm) -> bool:
    if not _missing(call, npm):
        return False
    npm.change("install", *_wanted(call))
    return True


def _latest(call: Call, npm: _Npm) -> bool:
    if _missing(call, npm):
        npm.change("install", *_wanted(call))
        return True
    old = npm.outdated()
    if not old or (call["name"] and call["name"] not in old):
        return False
    npm.change("update", *([call["name"]] if call["name"] else []))
    return True


def _absent(call: Call, npm: _Npm) -> bool:
    if call["name"] not in npm.listed():
        return False
    npm.change("uninstall", call["name"])
    return True


_ACTS = {"present": _present, "latest": _latest, "absent": _absent}
MODULE = Npm
