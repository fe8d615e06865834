"""What confines the host or the account: SELinux, AppArmor, FIPS, capabilities, chroot."""

import os
from typing import Any, Dict

from orchestr8.remote.facts.reading import Files

_CAPABILITIES = (
    "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable "
    "net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot "
    "sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease "
    "audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read "
    "perfmon bpf checkpoint_restore"
)
CAPABILITIES = _CAPABILITIES.split()


def selinux_facts(files: Files) -> Dict[str, Any]:
    """Return whether SELinux is on, and how."""
    enforce = files.text("/sys/fs/selinux/enforce")
    if enforce is None:
        return {"selinux": {"status": "disabled"}, "selinux_python_present": True}
    config = dict(files.pairs("/etc/selinux/config", "="))
    version = files.text("/sys/fs/selinux/policyvers")
    return {
        "selinux_python_present": True,
        "selinux": {
            "status": "enabled",
            "mode": "enforcing" if enforce == "1" else "permissive",
            "config_mode": config.get("SELINUX", "unknown"),
            "type": config.get("SELINUXTYPE", "unknown"),
            "policyvers": int(version) if version else "unknown",
        },
    }


def apparmor_facts(files: Files) -> Dict[str, Any]:
    """Return whether AppArmor is on."""
    found = files.exists("/sys/kernel/security/apparmor")
    return {"apparmor": {"status": "enabled" if found else "disabled"}}


def fips_facts(files: Files) -> Dict[str, Any]:
    """Return whether the kernel runs in FIPS mode."""
    return {"fips": files.text("/proc/sys/crypto/fips_enabled") == "1"}


def capability_facts(files: Files) -> Dict[str, Any]:
    """Return the effective capabilities, and whether they are fewer than all."""
    status = dict(files.pairs("/proc/self/status", ":"))
    last = int(files.text("/proc/sys/kernel/cap_last_cap") or len(CAPABILITIES) - 1)
    try:
        mask = int(status["CapEff"], 16)
    except (KeyError, ValueError):
        return {"system_capabilities": "N/A", "system_capabilities_enforced": "N/A"}
    everything = (1 << (last + 1)) - 1
    if mask & everything == everything:
        return {"system_capabilities": [], "system_capabilities_enforced": "False"}
    held = ["cap_" + name for bit, name in enumerate(CAPABILITIES) if mask >> bit & 1]
    return {"system_capabilities": held, "system_capabilities_enforced": "True"}


def chroot_facts() -> Dict[str, Any]:
    """Return whether the root seen here is another than that of process 1."""
    if os.environ.get("debian_chroot"):  # noqa: SIM112 -- Debian writes it small
        return {"is_chroot": True}
    here = os.stat("/")
    try:
        first = os.stat("/proc/1/root/.")
    except OSError:
        # The root of a file system has inode 2 on ext, 128 on xfs, 256 on btrfs; overlays have any.
        return {"is_chroot": here.st_ino not in (2, 128, 256)}
    return {"is_chroot": (here.st_ino, here.st_dev) != (first.st_ino, first.st_dev)}
