"""`ansible.module_utils.facts`: facts that modules ask for, and small readers of files."""

import os
from typing import Any, Dict, List, Optional, Sequence

from orchestr8.remote.facts.gather import collectors, gather

default_collectors: Sequence[Any] = ()


def ansible_facts(module: Any, gather_subset: Optional[Sequence[str]] = None, **_: Any) -> Dict[str, Any]:
    """Return facts without their prefix."""
    wanted = collectors(list(gather_subset or ["all"]))
    return gather(wanted, "/etc/ansible/facts.d", 5.0, module.warn)


def get_file_content(path: str, default: Any = None, strip: bool = True) -> Any:
    """Return what a file holds, the default where it is empty or cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
    except OSError:
        return default
    text = text.strip() if strip else text
    return text if text else default


def get_file_lines(path: str, strip: bool = True, line_sep: Optional[str] = None) -> List[str]:
    """Return a file's lines."""
    text = get_file_content(path, strip=strip)
    if not text:
        return []
    return text.split(line_sep) if line_sep else text.splitlines()  # type: ignore[no-any-return]


def get_mount_size(mountpoint: str) -> Dict[str, int]:
    """Return the sizes of what is mounted there."""
    from orchestr8.remote.volume_sizes import sizes

    try:
        return sizes(os.path.abspath(mountpoint))
    except OSError:
        return {}
