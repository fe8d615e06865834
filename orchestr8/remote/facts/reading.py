"""Reads the small files that facts come from; a missing or unreadable file is an answer, not an error."""

import os
from typing import Iterator, List, Optional, Tuple

PROGRAM_FOLDERS = ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin")


class Files:
    """The files below one root; tests give a folder of their own as the root."""

    def __init__(self, root: str = "") -> None:
        self.root = root

    def path(self, path: str) -> str:
        """Return where the file really is."""
        return self.root + path

    def text(self, path: str) -> Optional[str]:
        """Return the stripped content, or None when it is empty or cannot be read."""
        try:
            with open(self.root + path, "rb") as file:
                return file.read().decode("utf-8", "replace").strip() or None
        except OSError:
            return None

    def lines(self, path: str) -> List[str]:
        """Return the lines, none when the file cannot be read."""
        return (self.text(path) or "").splitlines()

    def pairs(self, path: str, separator: str) -> Iterator[Tuple[str, str]]:
        """Yield the stripped halves of each line around the separator."""
        for line in self.lines(path):
            key, found, value = line.partition(separator)
            if found:
                yield key.strip(), value.strip()

    def exists(self, path: str) -> bool:
        """Tell whether the path leads to something."""
        return os.path.exists(self.root + path)

    def names(self, path: str) -> List[str]:
        """Return the sorted names in a folder, none when it cannot be read."""
        try:
            return sorted(os.listdir(self.root + path))
        except OSError:
            return []

    def link(self, path: str) -> Optional[str]:
        """Return where a symbolic link points to, or None."""
        try:
            return os.readlink(self.root + path)
        except OSError:
            return None

    def program(self, name: str) -> Optional[str]:
        """Return the path of a system program, or None."""
        for folder in PROGRAM_FOLDERS:
            if os.access(self.root + folder + "/" + name, os.X_OK):
                return folder + "/" + name
        return None


def unquoted(value: str) -> str:
    """Return the value of a shell-style assignment without its quotes."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
