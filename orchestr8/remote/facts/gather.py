"""Which facts a subset asks for, and their gathering."""

import fnmatch
from typing import Any, Callable, Dict, FrozenSet, List, Sequence, Set

from orchestr8.remote.facts import (
    distribution,
    hardware,
    network,
    platform,
    security,
    storage,
    surroundings,
    virtual,
    volumes,
)
from orchestr8.remote.facts.reading import Files

# What may be asked for: the collector's name, then the facts it answers to as well.
SUBSETS = {
    "platform": "architecture kernel kernel_version machine machine_id system",
    "distribution": "distribution_major_version distribution_release distribution_version os_family",
    "lsb": "",
    "selinux": "",
    "apparmor": "",
    "chroot": "is_chroot",
    "fips": "",
    "python": "python_version",
    "caps": "system_capabilities system_capabilities_enforced",
    "pkg_mgr": "",
    "service_mgr": "",
    "systemd": "",
    "cmdline": "",
    "date_time": "",
    "env": "",
    "loadavg": "",
    "ssh_pub_keys": "ssh_host_pub_keys ssh_host_key_dsa_public ssh_host_key_rsa_public "
    "ssh_host_key_ecdsa_public ssh_host_key_ed25519_public",
    "user": "effective_group_ids effective_user_id real_user_id user_dir user_gecos user_gid user_id "
    "user_shell user_uid",
    "hardware": "devices mounts processor processor_cores processor_count",
    "dns": "",
    "fibre_channel_wwn": "iscsi nvme",
    "network": "all_ipv4_addresses all_ipv6_addresses default_ipv4 default_ipv6 interfaces",
    "virtual": "virtualization_role virtualization_tech_guest virtualization_tech_host virtualization_type",
    "local": "",
    # Of other tools, which orchestr8 does not start: accepted, and never anything to report.
    "facter": "",
    "ohai": "",
}
_MINIMAL = (
    "apparmor caps cmdline date_time distribution dns env fips local lsb pkg_mgr platform python selinux "
    "service_mgr ssh_pub_keys user"
)
MINIMAL = frozenset(_MINIMAL.split())


def collectors(subset: Sequence[str]) -> FrozenSet[str]:
    """Return the names of the collectors a subset asks for; ValueError on an unknown name."""
    owner = {name: name for name in SUBSETS}
    owner.update({fact: name for name, facts in SUBSETS.items() for fact in facts.split()})
    wanted: Set[str] = set(MINIMAL)
    refused: Set[str] = set()
    named: Set[str] = set()
    for word in subset:
        if word == "all":
            wanted |= set(SUBSETS)
        elif word in ("min", "!min"):
            (refused if word[0] == "!" else wanted).update(MINIMAL)
        elif word == "!all":
            refused |= set(SUBSETS) - MINIMAL
        elif word.startswith("!"):
            refused.add(owner.get(word[1:], word[1:]))
        elif word in owner:
            named.add(owner[word])
        else:
            raise ValueError(_refusal(word, owner))
    return frozenset((wanted | named) - (refused - named))


def _refusal(word: str, owner: Dict[str, str]) -> str:
    message = "Bad subset '{}' given to Ansible. gather_subset options allowed: all, {}"
    return message.format(word, ", ".join(sorted([*owner, "min"])))


def gather(
    names: FrozenSet[str], fact_path: str, patience: float, warn: Callable[[str], None], root: str = ""
) -> Dict[str, Any]:
    """Return the facts of these collectors, without the prefix."""
    files = Files(root)
    available: Dict[str, Callable[[], Dict[str, Any]]] = {
        "platform": lambda: platform.platform_facts(files, patience),
        "distribution": lambda: distribution.distribution_facts(files),
        "lsb": lambda: distribution.lsb_facts(files),
        "selinux": lambda: security.selinux_facts(files),
        "apparmor": lambda: security.apparmor_facts(files),
        "chroot": security.chroot_facts,
        "fips": lambda: security.fips_facts(files),
        "python": platform.python_facts,
        "caps": lambda: security.capability_facts(files),
        "pkg_mgr": lambda: distribution.package_facts(files),
        "service_mgr": lambda: platform.service_facts(files),
        "systemd": lambda: platform.systemd_facts(files),
        "cmdline": lambda: platform.cmdline_facts(files),
        "date_time": surroundings.date_time_facts,
        "env": surroundings.env_facts,
        "loadavg": surroundings.load_facts,
        "ssh_pub_keys": lambda: surroundings.ssh_key_facts(files),
        "user": surroundings.user_facts,
        "hardware": lambda: _hardware(files, patience),
        "dns": lambda: surroundings.dns_facts(files),
        "fibre_channel_wwn": lambda: network.storage_names(files),
        "network": lambda: network.network_facts(files),
        "virtual": lambda: virtual.virtual_facts(files),
        "local": lambda: surroundings.local_facts(fact_path, warn),
    }
    facts: Dict[str, Any] = {}
    for name, collect in available.items():
        if name in names:
            facts.update(collect())
    return facts


def _hardware(files: Files, patience: float) -> Dict[str, Any]:
    facts = hardware.hardware_facts(files)
    facts.update(storage.mount_facts(files, patience))
    facts.update(storage.device_facts(files))
    facts.update(volumes.volume_facts(files))
    return facts


def filtered(facts: Dict[str, Any], patterns: List[str]) -> Dict[str, Any]:
    """Return the facts whose name fits a pattern, with or without its prefix; all when none is given."""
    wanted = [pattern for pattern in patterns if pattern]
    if not wanted:
        return facts
    short = [pattern for pattern in wanted if not pattern.startswith(("ansible_", "facter", "ohai"))]
    wanted += ["ansible_" + pattern for pattern in short]
    return {key: value for key, value in facts.items() if any(fnmatch.fnmatch(key, one) for one in wanted)}
