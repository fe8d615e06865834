"""Logical volumes, where the host has any and the account may ask."""

import os
from typing import Any, Dict, List

from orchestr8.remote.facts.reading import Files

_OPTIONS = ["--noheadings", "--nosuffix", "--units", "g", "--separator", ","]


def volume_facts(files: Files) -> Dict[str, Any]:
    """Return groups, volumes and the devices under them; asking takes three processes."""
    if os.geteuid() or not files.program("vgs"):
        return {"lvm": "N/A"}
    groups = {row[0]: row[1:] for row in _rows("vgs", "vg_name,pv_count,lv_count,vg_size,vg_free")}
    keys = ("num_pvs", "num_lvs", "size_g", "free_g")
    lvm: Dict[str, Any] = {"vgs": {name: dict(zip(keys, values)) for name, values in groups.items()}}  # noqa: B905 -- strict came with 3.10
    lvm["lvs"] = {row[0]: {"size_g": row[2], "vg": row[1]} for row in _rows("lvs", "lv_name,vg_name,lv_size")}
    pvs = _rows("pvs", "pv_name,vg_name,pv_size,pv_free")
    lvm["pvs"] = {row[0]: {"vg": row[1], "size_g": row[2], "free_g": row[3]} for row in pvs}
    return {"lvm": lvm}


def _rows(program: str, columns: str) -> List[List[str]]:
    from orchestr8.remote.process import run, text

    done = run([program, *_OPTIONS, "-o", columns], parse=True)
    rows = [line.strip().split(",") for line in text(done.stdout).splitlines() if not done.rc]
    return [row for row in rows if len(row) == columns.count(",") + 1]
