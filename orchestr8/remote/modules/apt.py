"""apt: manages the packages of Debian and its kin."""

import re
import time
from typing import Any, Dict, List

from orchestr8.remote import apt_get, apt_wishes, deb_file, dpkg, dpkg_lock
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.policy_rc_d import service_policy
from orchestr8.remote.process import Finished, run, text


class Apt(Module):
    """Installs, upgrades and removes packages with apt-get; an unchanged run starts no process."""

    name = "apt"
    args = {
        "name": Arg(
            "list",
            "Packages: names, patterns as python3-*, versions as foo=1.2* or foo>=1.2; or .deb files.",
            aliases=["package", "pkg"],
            elements="str",
        ),
        "state": Arg(
            "str",
            "present: in any version; latest: upgraded too; absent: removed; build-dep: what building "
            "the package needs; fixed: broken dependencies repaired.",
            default="present",
            choices=["absent", "build-dep", "latest", "present", "fixed"],
        ),
        "update_cache": Arg("bool", "Fetch the package lists first.", aliases=["update-cache"]),
        "update_cache_retries": Arg("int", "How often to try again to fetch the lists.", default=5),
        "update_cache_retry_max_delay": Arg("int", "Longest pause between tries, in seconds.", default=12),
        "cache_valid_time": Arg(
            "int", "Seconds for which fetched lists are fresh; implies update_cache.", default=0
        ),
        "purge": Arg("bool", "Remove configuration files too.", default=False),
        "default_release": Arg("str", "Release to prefer, as apt-get -t.", aliases=["default-release"]),
        "install_recommends": Arg(
            "bool",
            "Install recommended packages, or not; the host's setting by default.",
            aliases=["install-recommends"],
        ),
        "force": Arg(
            "bool", "Allow downgrades, unsigned packages and removal of essential ones.", default=False
        ),
        "clean": Arg("bool", "Empty the store of downloaded packages.", default=False),
        "allow_unauthenticated": Arg(
            "bool",
            "Accept packages without a valid signature.",
            default=False,
            aliases=["allow-unauthenticated"],
        ),
        "allow_downgrade": Arg(
            "bool",
            "Allow an older version than the one installed.",
            default=False,
            aliases=["allow-downgrade", "allow_downgrades", "allow-downgrades"],
        ),
        "allow_change_held_packages": Arg("bool", "Allow changing packages that are on hold.", default=False),
        "upgrade": Arg(
            "str",
            "Upgrade all packages: yes or safe never remove one, dist or full may.",
            default="no",
            choices=["dist", "full", "no", "safe", "yes"],
        ),
        "dpkg_options": Arg(
            "str",
            "Options for dpkg, separated by commas, without dashes.",
            default="force-confdef,force-confold",
        ),
        "deb": Arg("path", "Path or URL of a .deb file to install."),
        "autoremove": Arg("bool", "Remove packages that nothing needs any more.", default=False),
        "autoclean": Arg("bool", "Remove downloaded packages that cannot be had any more.", default=False),
        "policy_rc_d": Arg(
            "int", "Exit code by which packages are kept from starting services while installed."
        ),
        "only_upgrade": Arg("bool", "Only upgrade packages that are installed already.", default=False),
        "fail_on_autoremove": Arg("bool", "Fail rather than remove any package.", default=False),
        "force_apt_get": Arg("bool", "Accepted; apt-get is always what runs.", default=False),
        "lock_timeout": Arg("int", "Seconds to wait for the locks of dpkg and apt.", default=60),
        "auto_install_module_deps": Arg(
            "bool", "Accepted; nothing has to be installed for this module.", default=True
        ),
    }
    exclusive = (("deb", "name", "upgrade"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Refresh the lists if asked, then do what was asked with packages."""
        return _Task(call).result()


class _Task:
    """One call: its words for apt-get and what it knows of the host's packages."""

    def __init__(self, call: Call) -> None:
        self.call = call
        patience = float(call["lock_timeout"])
        self.apt = apt_get.AptGet(
            _options(call), patience=patience, progress=call.progress, timeout=call.timeout
        )
        self.out: Dict[str, Any] = {"changed": False}

    def result(self) -> Dict[str, Any]:
        """Do everything in the order apt users expect and merge the answers."""
        call = self.call
        self._refresh()
        if call["clean"]:
            self._clean()
        if call["upgrade"] not in (None, "no", False):
            self._upgrade()
        elif call["deb"]:
            self._deb(call["deb"])
        elif call["state"] == "fixed":
            self._run("install", ["--fix-broken", *apt_wishes.separate(call["name"] or [])[0]])
        elif call["name"]:
            self._packages(*apt_wishes.separate(call["name"]))
        elif call["autoremove"]:
            self._run("autoremove", ["--purge"] if call["purge"] else [])
        if call["autoclean"] and not call["name"]:
            self._run("autoclean", [])
        return self.out

    def _packages(self, names: List[str], files: List[str]) -> None:
        if "*" in names and self.call["state"] == "latest":
            self._upgrade()
            names = [name for name in names if name != "*"]
        if self.call["state"] == "absent":
            self._remove(names)
        elif self.call["state"] == "build-dep":
            self._run("build-dep", names)
        else:
            self._install(self._needed(names) + [path for path in files if deb_file.needed(path, self.call)])

    def _deb(self, path: str) -> None:
        """Install one file; a URL is fetched into a folder of its own that goes afterwards."""
        if "://" not in path:
            self._install([path] if deb_file.needed(path, self.call) else [])
            return
        import tempfile

        with tempfile.TemporaryDirectory(prefix="o8-deb-") as folder:
            fetched = deb_file.fetched(path, folder)
            self._install([fetched] if deb_file.needed(fetched, self.call) else [])

    # -- lists

    def _refresh(self) -> None:
        call = self.call
        before = apt_get.cache_time()
        self.out.update(cache_updated=False, cache_update_time=int(before))
        if not call["update_cache"] and not call["cache_valid_time"]:
            return
        if call["cache_valid_time"] and before + call["cache_valid_time"] >= time.time():
            return
        if not call.check:
            self.apt.update(call["update_cache_retries"], call["update_cache_retry_max_delay"])
        after = apt_get.cache_time()
        self.out.update(cache_updated=call.check or after != before, cache_update_time=int(after))
        if not (call["name"] or call["deb"] or call["upgrade"] not in (None, "no")):
            self.out["changed"] = self.out["cache_updated"]

    # -- installing

    def _needed(self, names: List[str]) -> List[str]:
        """Return the words for apt-get of what is not there yet; with state latest, of all."""
        call, status = self.call, dpkg.Status()
        latest = call["state"] == "latest"
        words, there = [], []
        for wish in apt_wishes.wishes(names):
            word = apt_wishes.word(wish, status, latest=latest, only_upgrade=call["only_upgrade"])
            words += [word] if word else []
            there += [] if word else [wish.name]
        if not call.check:
            _mark_manual(there, call)
        return words

    def _install(self, words: List[str]) -> None:
        if not words:
            return
        extra = ["--only-upgrade"] if self.call["only_upgrade"] else []
        if self.call["autoremove"]:
            extra.append("--auto-remove")
        latest = self.call["state"] == "latest" and not self.call.check
        # apt-get itself says whether anything is newer, before any lock is taken.
        if latest and not apt_get.changes(self._try("install", [*extra, *words], simulate=True)):
            return
        self._run("install", [*extra, *words])

    def _upgrade(self) -> None:
        full = self.call["upgrade"] in ("dist", "full")
        extra = [] if full else ["--with-new-pkgs"]
        if self.call["autoremove"]:
            extra.append("--auto-remove")
        self._run("dist-upgrade" if full else "upgrade", extra)
        self.out["msg"] = self.out.get("stdout", "")

    # -- removing

    def _remove(self, names: List[str]) -> None:
        status = dpkg.Status()
        known = status.names()
        names = [one for spec in names for one in apt_wishes.matching(apt_wishes.parsed(spec).name, known)]
        there = dpkg.has_remains if self.call["purge"] else dpkg.installed
        words = [name for name in names if there(status.find(name))]
        if not words:
            return
        extra = ["--purge"] if self.call["purge"] else []
        if self.call["autoremove"]:
            extra.append("--auto-remove")
        self._run("remove", [*extra, *words])

    def _clean(self) -> None:
        import os

        folder = "/var/cache/apt/archives"
        full = os.path.isdir(folder) and any(name.endswith(".deb") for name in os.listdir(folder))
        if full and not self.call.check:
            self._try("clean", [])
        self.out["changed"] = self.out["changed"] or full

    # -- running

    def _run(self, command: str, words: List[str]) -> None:
        """Run apt-get, or only ask it in check mode, and take over what it says."""
        output = self._try(command, words, simulate=self.call.check)
        changed = (
            bool(re.search(r"^Del ", output, re.M)) if command == "autoclean" else apt_get.changes(output)
        )
        self.out["changed"] = self.out["changed"] or changed
        if self.call.diff and changed:
            self.out["diff"] = apt_get.prepared(output)

    def _try(self, command: str, words: List[str], *, simulate: bool = False) -> str:
        with service_policy(None if simulate else self.call["policy_rc_d"]):
            done: Finished = self.apt.run(command, words, simulate=simulate)
        if done.rc:
            raise apt_get.explained(done, [command, *words])
        self.out.update(stdout=text(done.stdout), stderr=text(done.stderr))
        return str(self.out["stdout"])


def _options(call: Call) -> List[str]:
    """Return the options that hold for every run of apt-get in this task."""
    options = []
    for option in (call["dpkg_options"] or "").split(","):
        if option.strip():
            options += ["-o", "Dpkg::Options::=--" + option.strip()]
    if call["install_recommends"] is not None:
        options += ["-o", "APT::Install-Recommends={}".format("yes" if call["install_recommends"] else "no")]
    if call["default_release"]:
        options += ["-t", call["default_release"]]
    force = call["force"]
    flags = (
        ("--allow-unauthenticated", force or call["allow_unauthenticated"]),
        ("--allow-downgrades", force or call["allow_downgrade"]),
        ("--allow-remove-essential", force),
        ("--allow-change-held-packages", force or call["allow_change_held_packages"]),
        ("--no-remove", call["fail_on_autoremove"]),
    )
    return options + [flag for flag, wanted in flags if wanted]


def _mark_manual(names: List[str], call: Call) -> None:
    """Keep packages that a playbook names from being removed as no longer needed."""
    marked = dpkg.automatic(names)
    if marked:
        dpkg_lock.wait(dpkg_lock.PACKAGES, call["lock_timeout"], call.progress)
        done = run(["apt-mark", "manual", *marked], parse=True)
        if done.rc:
            raise Failure("apt-mark manual failed: " + text(done.stderr).strip(), rc=done.rc)


MODULE = Apt
