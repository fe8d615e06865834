"""`ansible.module_utils.common.sys_info`, `distro` and `ansible_release`: what system this is."""

import platform
from typing import Any, Dict, Optional, Tuple

from orchestr8.remote.facts.distribution import distribution_facts, os_release
from orchestr8.remote.facts.reading import Files

__version__ = "2.19.0"
"""The version of Ansible whose behaviour this is: modules compare it."""
__author__ = "orchestr8"
__codename__ = ""


def get_distribution() -> Optional[str]:
    """Return the distribution's name as facts have it, with a capital."""
    name = id()
    known = {"amzn": "Amazon", "rhel": "Redhat", "ol": "Oracle", "opensuse-leap": "Opensuse-leap"}
    return known.get(name, name.capitalize() if name else "OtherLinux")


def get_distribution_version() -> str:
    """Return the distribution's version."""
    return version(best=id() in ("debian", "centos"))


def get_distribution_codename() -> Optional[str]:
    """Return the release's name."""
    return codename() or None


def get_platform_subclass(cls: Any) -> Any:
    """Return the subclass whose `platform` and `distribution` are this system's, else the class."""
    below = _below(cls)
    here = (platform.system(), get_distribution())
    for each in below:
        if each.distribution is not None and (each.platform, each.distribution) == here:
            return each
    for each in below:
        if each.platform == here[0] and each.distribution is None:
            return each
    return cls


def _below(cls: Any) -> Any:
    return [found for each in cls.__subclasses__() for found in (each, *_below(each))]


def id() -> str:
    """Return the distribution's short name."""
    return os_release(Files()).get("ID", "").lower().replace(" ", "_")


def like() -> str:
    """Return the distributions this one is like."""
    return os_release(Files()).get("ID_LIKE", "").lower()


def name(pretty: bool = False) -> str:
    """Return the distribution's name."""
    release = os_release(Files())
    return release.get("PRETTY_NAME", "") if pretty else release.get("NAME", "")


def version(pretty: bool = False, best: bool = False) -> str:
    """Return the distribution's version; the whole one with `best`."""
    if best:
        return str(distribution_facts(Files()).get("distribution_version") or "")
    found = os_release(Files()).get("VERSION_ID", "")
    return "%s (%s)" % (found, codename()) if pretty and codename() else found


def version_parts(best: bool = False) -> Tuple[str, str, str]:
    """Return major, minor and build number."""
    parts = [*version(best=best).split("."), "", "", ""][:3]
    return parts[0], parts[1], parts[2]


def major_version(best: bool = False) -> str:
    """Return the first part of the version."""
    return version_parts(best)[0]


def codename() -> str:
    """Return the release's name."""
    return os_release(Files()).get("VERSION_CODENAME", "")


def os_release_info() -> Dict[str, str]:
    """Return what os-release says, by names in lower case."""
    return {key.lower(): value for key, value in os_release(Files()).items()}


def info(pretty: bool = False, best: bool = False) -> Dict[str, Any]:
    """Return all of it."""
    major, minor, build = version_parts(best)
    parts = {"major": major, "minor": minor, "build_number": build}
    return {"id": id(), "version": version(pretty, best), "version_parts": parts, "like": like(),
            "codename": codename()}  # fmt: skip
