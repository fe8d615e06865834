"""How large a mounted file system is, and how full."""

import os
from typing import Dict


def sizes(path: str) -> Dict[str, int]:
    """Return bytes, blocks and inodes of the file system at a path; raise OSError."""
    found = os.statvfs(path)
    return {
        "size_total": found.f_frsize * found.f_blocks,
        "size_available": found.f_frsize * found.f_bavail,
        "block_size": found.f_bsize,
        "block_total": found.f_blocks,
        "block_available": found.f_bavail,
        "block_used": found.f_blocks - found.f_bavail,
        "inode_total": found.f_files,
        "inode_available": found.f_favail,
        "inode_used": found.f_files - found.f_favail,
    }
