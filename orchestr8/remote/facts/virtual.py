"""What the host runs in, and what can run on it."""

import re
from typing import Any, Dict, List, Set, Tuple

from orchestr8.remote.facts.reading import Files

DMI = "/sys/devices/virtual/dmi/id/"
CONTAINERS = {"docker", "lxc", "podman", "openvz", "containerd"}
CGROUPS = (
    (r"/docker(/|-[0-9a-f]+\.scope)", "docker"),
    (r"/lxc/|/machine.slice/machine-lxc", "lxc"),
    (r"/system.slice/containerd.service", "containerd"),
)
# (file, value as a pattern, technology), in the order in which the first match names the type.
FIRMWARE = (
    ("product_name", r"(KVM|KVM Server|Bochs|AHV|CloudStack KVM Hypervisor)$", "kvm"),
    ("sys_vendor", r"oVirt$", "oVirt"),
    ("product_name", r"RHEV Hypervisor$", "RHEV"),
    ("product_name", r"VMware", "VMware"),
    ("product_name", r"(OpenStack Compute|OpenStack Nova)$", "openstack"),
    ("bios_vendor", r"Xen$", "xen"),
    ("bios_vendor", r"innotek GmbH$", "virtualbox"),
    ("bios_vendor", r"(Amazon EC2|DigitalOcean|Hetzner|Linode)$", "kvm"),
    ("sys_vendor", r"(QEMU|Amazon EC2|DigitalOcean|Google|Scaleway|Nutanix)$", "kvm"),
    ("sys_vendor", r"KubeVirt$", "KubeVirt"),
    ("sys_vendor", r"Microsoft Corporation$", "VirtualPC"),
    ("sys_vendor", r"Parallels Software International Inc\.$", "parallels"),
    ("sys_vendor", r"OpenStack Foundation$", "openstack"),
)
PROCESSORS = (
    (r"model name.*QEMU Virtual CPU", "kvm"),
    (r"vendor_id.*User Mode Linux|model name.*UML", "uml"),
    (r"machine.*CHRP IBM pSeries .emulated by qemu.", "kvm"),
)


def virtual_facts(files: Files) -> Dict[str, Any]:
    """Return the first technology found, and all of them."""
    found = _containers(files) + _hypervisors(files) + _capable(files)
    guest: Set[str] = {name for name, role in found if role == "guest"}
    if guest & CONTAINERS or files.text("/run/systemd/container"):
        guest.add("container")
    kind, role = found[0] if found else ("NA", "NA")
    return {
        "virtualization_type": kind,
        "virtualization_role": role,
        "virtualization_tech_guest": sorted(guest),
        "virtualization_tech_host": sorted({name for name, part in found if part == "host"}),
    }


def _containers(files: Files) -> List[Tuple[str, str]]:
    cgroups = files.text("/proc/1/cgroup") or ""
    found = [name for pattern, name in CGROUPS if re.search(pattern, cgroups)]
    for entry in (files.text("/proc/1/environ") or "").split("\0"):
        if entry.startswith("container=") and len(entry) > len("container="):
            found += [name for name in ("lxc", "podman") if entry == "container=" + name]
            found.append("container")
    if files.exists("/proc/vz") and not files.exists("/proc/lve"):
        if files.exists("/proc/bc"):
            return [("openvz", "host")]
        found.append("openvz")
    systemd = files.text("/run/systemd/container")
    if systemd:
        found.append(systemd)
    if files.exists("/.dockerenv") or files.exists("/.dockerinit"):
        found.append("docker")
    return [(name, "guest") for name in found]


def _hypervisors(files: Files) -> List[Tuple[str, str]]:
    found = []
    if files.exists("/proc/xen"):
        controls = "control_d" in (files.text("/proc/xen/capabilities") or "")
        found.append(("xen", "host" if controls else "guest"))
    values = {name: files.text(DMI + name) or "" for name in ("product_name", "sys_vendor", "bios_vendor")}
    found += [(name, "guest") for key, pattern, name in FIRMWARE if re.match(pattern, values[key])]
    if values["sys_vendor"] == "Red Hat" and files.text(DMI + "product_family") == "RHV":
        found.append(("RHV", "guest"))
    processors = files.text("/proc/cpuinfo") or ""
    found += [
        (name, "guest") for pattern, name in PROCESSORS if re.search("^(" + pattern + ")", processors, re.M)
    ]
    if "BHYVE" in values["product_name"]:
        found.append(("bhyve", "guest"))
    return found


def _capable(files: Files) -> List[Tuple[str, str]]:
    modules = {line.split(" ")[0] for line in files.lines("/proc/modules")}
    found = []
    if "kvm" in modules:
        found.append(("kvm", "host"))
    if "vboxdrv" in modules:
        found.append(("virtualbox", "host"))
    if "virtio" in modules:
        # Ansible counts this one among the host's technologies although it names the role guest.
        found += [("kvm", "guest"), ("kvm", "host")] if "kvm" not in modules else []
    if files.exists("/dev/kvm"):
        found.append(("kvm", "host"))
    return found
