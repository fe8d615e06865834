"""Mounted file systems and block devices."""

import os
import re
from typing import Any, Dict, List

from orchestr8.remote.facts.reading import Files
from orchestr8.remote.volume_sizes import sizes

LINKS = (("ids", "by-id"), ("uuids", "by-uuid"), ("labels", "by-label"))


def mount_facts(files: Files, patience: float) -> Dict[str, Any]:
    """Return the mounted file systems that have a device, with their sizes."""
    uuids = {device: links[0] for device, links in _links(files, "by-uuid").items()}
    mounts = []
    for line in files.lines("/proc/self/mountinfo"):
        before, found, after = line.partition(" - ")
        left, right = before.split(" "), after.split(" ")
        if not found or len(left) < 6 or len(right) < 3:
            continue
        device = _unescaped(right[1])
        if (device.startswith("/") or ":/" in device) and right[0] != "none":
            mounts.append(_mount(left, right, device, uuids, patience))
    return {"mounts": mounts}


def _mount(
    left: List[str], right: List[str], device: str, uuids: Dict[str, str], patience: float
) -> Dict[str, Any]:
    options = _options(left[5], right[2])
    if left[3] != "/":
        options += ",bind"
    mount = _unescaped(left[4])
    facts: Dict[str, Any] = {"mount": mount, "device": device, "fstype": right[0], "options": options}
    facts.update(dump=0, passno=0, uuid=uuids.get(os.path.basename(os.path.realpath(device)), "N/A"))
    # A dead file server hangs whoever asks for sizes, a local disk does not: only the former gets a thread.
    facts.update(
        _patient_sizes(mount, patience) if ":" in device or device.startswith("//") else _sizes(mount)
    )
    return facts


def _options(here: str, everywhere: str) -> str:
    """Return the options in the order of /proc/mounts: read-write first, per mount, then per file system."""
    words = [word for word in everywhere.split(",") if word not in ("rw", "ro")]
    return ",".join(here.split(",") + words)


def _sizes(mount: str) -> Dict[str, Any]:
    try:
        return sizes(mount)
    except OSError as error:
        return {"note": f"Could not get extra information: {error}"}


def _patient_sizes(mount: str, patience: float) -> Dict[str, Any]:
    import threading

    answers: List[Dict[str, Any]] = []
    thread = threading.Thread(target=lambda: answers.append(_sizes(mount)), daemon=True)
    thread.start()
    thread.join(patience)
    return answers[0] if answers else {"note": "Could not get extra information due to timeout"}


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)


def _links(files: Files, kind: str) -> Dict[str, List[str]]:
    found: Dict[str, List[str]] = {}
    for name in files.names("/dev/disk/" + kind):
        target = files.link(f"/dev/disk/{kind}/{name}")
        if target:
            found.setdefault(os.path.basename(target), []).append(name)
    return found


def _owners(files: Files, blocks: List[str]) -> Dict[str, List[str]]:
    found: Dict[str, List[str]] = {}
    for block in blocks:
        for slave in files.names(f"/sys/block/{block}/slaves"):
            found.setdefault(slave, []).append(block)
    return found


def device_facts(files: Files) -> Dict[str, Any]:
    """Return the block devices, their partitions and the stable names that lead to them."""
    blocks = files.names("/sys/block")
    links = {key: _links(files, kind) for key, kind in LINKS}
    links["masters"] = _owners(files, blocks)
    devices = {block: _device(files, block, links) for block in blocks}
    return {"devices": devices, "device_links": links}


def _device(files: Files, block: str, links: Dict[str, Dict[str, List[str]]]) -> Dict[str, Any]:
    folder = "/sys/block/" + block
    queue = folder + "/queue/"
    scheduler = re.search(r"\[(.*)\]", files.text(queue + "scheduler") or "")
    discards = files.text(queue + "discard_max_hw_bytes") != "0"
    facts: Dict[str, Any] = {
        "virtual": 1,
        "links": _named(links, block),
        "removable": files.text(folder + "/removable"),
        "rotational": files.text(queue + "rotational"),
        "scheduler_mode": scheduler.group(1) if scheduler else "",
        "support_discard": files.text(queue + "discard_granularity") if discards else "0",
        "host": "",
        "partitions": {
            name: _partition(files, folder, name, links) for name in _partitions(files, folder, block)
        },
        "holders": _holders(files, folder),
    }
    facts.update({key: files.text(folder + "/device/" + key) for key in _IDENTITY})
    facts.update(_size(files, folder, "sectorsize"))
    serial = files.text(folder + "/device/serial")
    if serial:
        facts["serial"] = serial
    wwn = [name[4:] for name in links["ids"].get(block, []) if name.startswith("wwn-")]
    if wwn:
        facts["wwn"] = wwn[0]
    return facts


_IDENTITY = ("vendor", "model", "sas_address", "sas_device_handle")


def _named(links: Dict[str, Dict[str, List[str]]], name: str) -> Dict[str, List[str]]:
    return {kind: found.get(name, []) for kind, found in links.items()}


def _partitions(files: Files, folder: str, block: str) -> List[str]:
    return [name for name in files.names(folder) if re.match(re.escape(block) + r"p?\d+$", name)]


def _partition(
    files: Files, folder: str, name: str, links: Dict[str, Dict[str, List[str]]]
) -> Dict[str, Any]:
    below = folder + "/" + name
    named = _named(links, name)
    facts: Dict[str, Any] = {"links": named, "start": files.text(below + "/start") or 0}
    facts.update(_size(files, below, "sectorsize"))
    facts["uuid"] = named["uuids"][0] if named["uuids"] else None
    facts["holders"] = _holders(files, below)
    return facts


def _size(files: Files, folder: str, key: str) -> Dict[str, Any]:
    """Return the size; the kernel counts in units of 512 bytes, whatever the device's own sectors are."""
    sector = files.text(folder + "/queue/logical_block_size") or "512"
    sectors = int(files.text(folder + "/size") or 0) * 512 // int(sector)
    return {key: sector, "sectors": sectors, "size": human_size(sectors * int(sector))}


def _holders(files: Files, folder: str) -> List[str]:
    names = [name for name in files.names(folder + "/holders") if name.startswith("dm-")]
    return [files.text(f"{folder}/holders/{name}/dm/name") or name for name in names]


def human_size(count: float) -> str:
    """Return a number of bytes for people: `1.50 GB` means 1.5 * 2**30 bytes, as in Ansible."""
    for power, suffix in ((50, "PB"), (40, "TB"), (30, "GB"), (20, "MB"), (10, "KB")):
        if count >= 1 << power:
            return f"{count / (1 << power):.2f} {suffix}"
    return f"{float(count):.2f} Bytes"
