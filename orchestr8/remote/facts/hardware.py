"""Processors, memory, firmware tables and uptime."""

import os
from typing import Any, Dict, List, Optional

from orchestr8.remote.facts.reading import Files

DMI = "/sys/devices/virtual/dmi/id/"
_DMI_FACTS = (
    "bios_date bios_vendor bios_version board_asset_tag board_name board_serial board_vendor board_version "
    "chassis_asset_tag chassis_serial chassis_vendor chassis_version product_name product_serial "
    "product_uuid product_version"
)
DMI_FACTS = _DMI_FACTS.split()
_FORM_FACTORS = (
    "Unknown|Other|Unknown|Desktop|Low Profile Desktop|Pizza Box|Mini Tower|Tower|Portable|Laptop|Notebook|"
    "Hand Held|Docking Station|All In One|Sub Notebook|Space-saving|Lunch Box|Main Server Chassis|"
    "Expansion Chassis|Sub Chassis|Bus Expansion Chassis|Peripheral Chassis|RAID Chassis|"
    "Rack Mount Chassis|Sealed-case PC|Multi-system|CompactPCI|AdvancedTCA|Blade|Blade Enclosure|Tablet|"
    "Convertible|Detachable|IoT Gateway|Embedded PC|Mini PC|Stick PC"
)
FORM_FACTORS = _FORM_FACTORS.split("|")


def hardware_facts(files: Files) -> Dict[str, Any]:
    """Return everything of this file."""
    facts = processor_facts(files, os.uname().machine)
    facts.update(memory_facts(files))
    facts.update(firmware_facts(files))
    facts.update(uptime_facts(files))
    return facts


def memory_facts(files: Files) -> Dict[str, Any]:
    """Return the memory and swap, in MiB."""
    amounts: Dict[str, int] = {}
    for key, value in files.pairs("/proc/meminfo", ":"):
        number = value.split(" ")[0]
        amounts[key] = int(number) // 1024 if number.isdigit() else 0
    if "MemTotal" not in amounts:
        return {}
    total, free = amounts["MemTotal"], amounts.get("MemFree", 0)
    nocache = free + amounts.get("Cached", 0) + amounts.get("Buffers", 0)
    swap, swap_free = amounts.get("SwapTotal", 0), amounts.get("SwapFree", 0)
    return {
        "memtotal_mb": total,
        "memfree_mb": free,
        "swaptotal_mb": swap,
        "swapfree_mb": swap_free,
        "memory_mb": {
            "real": {"total": total, "used": total - free, "free": free},
            "nocache": {"free": nocache, "used": total - nocache},
            "swap": {
                "total": swap,
                "free": swap_free,
                "used": swap - swap_free,
                "cached": amounts.get("SwapCached", 0),
            },
        },
    }


def processor_facts(files: Files, architecture: str) -> Dict[str, Any]:
    """Return the sockets, cores, threads and names of the processors."""
    described: List[str] = []
    flags: Optional[List[str]] = None
    names = counted = models = 0
    cores_of: Dict[str, int] = {}
    siblings: List[int] = []
    socket = ""
    for key, value in files.pairs("/proc/cpuinfo", ":"):
        if key in ("model name", "Processor", "vendor_id", "cpu", "Vendor", "processor"):
            described.append(value)
            names += 1
            counted += key == "processor"
            models += key == "model name"
        elif key == "flags":
            flags = value.split()
        elif key == "physical id":
            socket = value
            cores_of.setdefault(socket, 1)
        elif key == "cpu cores":
            cores_of[socket] = int(value)
        elif key == "siblings":
            siblings.append(int(value))
    if not described:
        return {}
    plain = models or names
    if architecture.startswith(("arm", "aarch", "ppc")):
        plain = counted
    sockets = len(cores_of) or plain
    cores = next(iter(cores_of.values()), 1) or 1
    threads = round(siblings[0] / cores) if siblings else round(1 / cores)
    facts: Dict[str, Any] = {
        "processor": described,
        "processor_count": sockets,
        "processor_cores": cores,
        "processor_threads_per_core": threads,
        "processor_vcpus": sockets * cores * threads,
        "processor_nproc": len(os.sched_getaffinity(0)),
    }
    if flags is not None:
        facts["flags"] = flags
    return facts


def firmware_facts(files: Files) -> Dict[str, Any]:
    """Return the names, serials and dates the firmware reports, NA where it reports none."""
    facts: Dict[str, Any] = {name: files.text(DMI + name) or "NA" for name in DMI_FACTS}
    facts["system_vendor"] = files.text(DMI + "sys_vendor") or "NA"
    kind = files.text(DMI + "chassis_type") or ""
    known = kind.isdigit() and int(kind) < len(FORM_FACTORS)
    facts["form_factor"] = FORM_FACTORS[int(kind)] if known else f"unknown ({kind})" if kind else "NA"
    return facts


def uptime_facts(files: Files) -> Dict[str, Any]:
    """Return the seconds since the host was booted."""
    text = files.text("/proc/uptime")
    return {"uptime_seconds": int(float(text.split()[0]))} if text else {}
