"""Which Linux distribution this is, named as Ansible names it."""

import os
import re
from typing import Any, Dict

from orchestr8.remote.facts.reading import Files, unquoted

NAMES = {
    "almalinux": "AlmaLinux",
    "alpine": "Alpine",
    "amzn": "Amazon",
    "antergos": "Antergos",
    "arch": "Archlinux",
    "archarm": "Archlinux",
    "centos": "CentOS",
    "clear-linux-os": "Clear Linux OS",
    "cloudlinux": "CloudLinux",
    "cumulus-linux": "Cumulus Linux",
    "debian": "Debian",
    "deepin": "Deepin",
    "devuan": "Devuan",
    "eurolinux": "EuroLinux",
    "fedora": "Fedora",
    "flatcar": "Flatcar",
    "gentoo": "Gentoo",
    "kali": "Kali",
    "linuxmint": "Linux Mint",
    "manjaro": "Manjaro",
    "miraclelinux": "MIRACLE",
    "neon": "KDE neon",
    "ol": "OracleLinux",
    "openeuler": "openEuler",
    "opensuse-leap": "openSUSE Leap",
    "opensuse-microos": "openSUSE MicroOS",
    "opensuse-tumbleweed": "openSUSE Tumbleweed",
    "openwrt": "OpenWrt",
    "osmc": "OSMC",
    "parrot": "Parrot",
    "pop": "Pop!_OS",
    "raspbian": "Debian",
    "rhel": "RedHat",
    "rocky": "Rocky",
    "scientific": "Scientific",
    "sl-micro": "SL-Micro",
    "sled": "SLED",
    "sles": "SLES",
    "sles_sap": "SLES_SAP",
    "slackware": "Slackware",
    "steamos": "SteamOS",
    "tencentos": "TencentOS",
    "ubuntu": "Ubuntu",
    "uos": "Uos",
    "virtuozzo": "Virtuozzo",
}
FAMILIES = {
    "RedHat": "RedHat,Fedora,CentOS,Scientific,CloudLinux,OracleLinux,Amazon,Virtuozzo,openEuler,AlmaLinux,"
    "Rocky,TencentOS,EuroLinux,MIRACLE",
    "Debian": "Debian,Ubuntu,Devuan,Kali,SteamOS,Parrot,Uos,Deepin,OSMC,Pop!_OS,KDE neon,"
    "Linux Mint,Cumulus Linux",
    "Suse": "SLES,SLED,SLES_SAP,SL-Micro,openSUSE Leap,openSUSE Tumbleweed,openSUSE MicroOS",
    "Archlinux": "Archlinux,Antergos,Manjaro",
    "ClearLinux": "Clear Linux OS",
}
# Files that Ansible looks at before os-release, by the family they speak of.
RELEASE_FILES = {
    "RedHat": ("RedHat", ("/etc/redhat-release", "/etc/system-release")),
    "Alpine": ("Alpine", ("/etc/alpine-release",)),
    "Archlinux": ("Archlinux", ("/etc/arch-release",)),
    "Gentoo": ("Gentoo", ("/etc/gentoo-release",)),
    "Slackware": ("Slackware", ("/etc/slackware-version",)),
    "Suse": ("SUSE", ("/etc/os-release",)),
    "Debian": ("Debian", ("/etc/os-release",)),
}


def os_release(files: Files) -> Dict[str, str]:
    """Return the assignments of os-release."""
    path = "/etc/os-release" if files.exists("/etc/os-release") else "/usr/lib/os-release"
    return {key: unquoted(value) for key, value in files.pairs(path, "=")}


def family(name: str) -> str:
    """Return the family of a distribution; a distribution without kin is its own."""
    for kin, members in FAMILIES.items():
        if name in members.split(","):
            return kin
    return name


def distribution_facts(files: Files) -> Dict[str, Any]:
    """Return the name, version, release and family of the distribution."""
    release = os_release(files)
    name = NAMES.get(release.get("ID", ""), release.get("NAME") or "NA")
    version = _version(files, name, release)
    facts = {
        "distribution": name,
        "distribution_version": version,
        "distribution_major_version": version.split(".")[0],
        "distribution_release": _codename(name, release),
        "os_family": family(name),
    }
    if name == "Debian" and "." in version:
        facts["distribution_minor_version"] = version.split(".")[1]
    facts.update(_origin(files, str(facts["os_family"])))
    return facts


def _version(files: Files, name: str, release: Dict[str, str]) -> str:
    """Return the full version: os-release drops the point release of some distributions."""
    version = release.get("VERSION_ID", "")
    if name == "Debian":
        exact = files.text("/etc/debian_version") or ""
        return exact if re.match(r"\d", exact) else version or "NA"
    if name == "CentOS" and files.text("/etc/centos-release"):
        found = re.search(r"release (\d[\d.]*)", files.text("/etc/centos-release") or "")
        exact = found.group(1) if found else version
        return ".".join(exact.split(".")[:2])
    if name == "Alpine":
        return files.text("/etc/alpine-release") or version or "NA"
    if name == "Archlinux":
        return version or "rolling"
    return version or "NA"


def _codename(name: str, release: Dict[str, str]) -> str:
    if name == "CentOS" and "Stream" in release.get("NAME", ""):
        return "Stream"
    codename = release.get("VERSION_CODENAME") or release.get("UBUNTU_CODENAME")
    found = re.search(r"\(([^)]+)\)", release.get("VERSION", ""))
    if not codename and found:
        codename = found.group(1).split(",")[-1].strip()
    return codename or "NA"


def _origin(files: Files, kin: str) -> Dict[str, Any]:
    variety, paths = RELEASE_FILES.get(kin, ("NA", ("/etc/os-release",)))
    path = next((one for one in paths if files.exists(one)), "/etc/os-release")
    return {
        "distribution_file_path": path,
        "distribution_file_variety": variety,
        "distribution_file_parsed": True,
    }


def lsb_facts(files: Files) -> Dict[str, Any]:
    """Return what lsb_release would say, where it is installed."""
    lsb = {key: unquoted(value) for key, value in files.pairs("/etc/lsb-release", "=")}
    if not lsb and not files.program("lsb_release"):
        return {"lsb": {}}
    release = os_release(files)
    number = lsb.get("DISTRIB_RELEASE") or release.get("VERSION_ID") or "n/a"
    name = NAMES.get(release.get("ID", ""), release.get("NAME", "n/a"))
    return {
        "lsb": {
            "id": lsb.get("DISTRIB_ID") or name,
            "description": lsb.get("DISTRIB_DESCRIPTION") or release.get("PRETTY_NAME", "n/a"),
            "release": number,
            "major_release": number.split(".")[0],
            "codename": lsb.get("DISTRIB_CODENAME") or release.get("VERSION_CODENAME", "n/a"),
        }
    }


def package_facts(files: Files) -> Dict[str, Any]:
    """Return the name of the module that manages this distribution's packages."""
    kin = family(NAMES.get(os_release(files).get("ID", ""), ""))
    if kin == "Debian":
        return {"pkg_mgr": "apt"}
    if kin == "RedHat":
        return {"pkg_mgr": _redhat_manager(files)}
    for path, name in MANAGERS:
        if files.exists(path):
            return {"pkg_mgr": name}
    return {"pkg_mgr": "unknown"}


MANAGERS = (
    ("/usr/bin/emerge", "portage"),
    ("/usr/bin/xbps-install", "xbps"),
    ("/usr/bin/swupd", "swupd"),
    ("/sbin/apk", "apk"),
    ("/bin/opkg", "opkg"),
    ("/usr/bin/pacman", "pacman"),
    ("/usr/bin/zypper", "zypper"),
    ("/usr/bin/apt-get", "apt"),
    ("/usr/bin/dnf5", "dnf5"),
    ("/usr/bin/dnf-3", "dnf"),
    ("/usr/bin/yum", "dnf"),
)


def _redhat_manager(files: Files) -> str:
    if files.exists("/run/ostree-booted"):
        return "atomic_container"
    for path in ("/usr/bin/dnf", "/usr/bin/microdnf"):
        if files.exists(path):
            return "dnf5" if os.path.realpath(files.path(path)).endswith("/dnf5") else "dnf"
    return "yum" if files.exists("/usr/bin/yum") else "unknown"
