"""OpenSSH's client configuration, with Include, read once a run."""

from __future__ import annotations

import glob
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from orchestr8.transport.failures import bad_endpoint

DEFAULT = ("~/.ssh/config", "/etc/ssh/ssh_config")
DEPTH = 16


class SshConfig:
    """What some configuration files say of each host."""

    def __init__(self, files: tuple[str, ...] = DEFAULT) -> None:
        lines = [line for name in files for line in ["Host *", *_lines(Path(name).expanduser(), "Host *", 0)]]
        self._parsed = _parsed(files, lines) if any(_says(line) for line in lines) else None

    def lookup(self, host: str) -> dict[str, Any]:
        """Return the options of a host, names in lower case."""
        if self._parsed is None:
            return {}
        found: dict[str, Any] = self._parsed.lookup(host)
        return found


def _says(line: str) -> bool:
    return not line.strip().lower().startswith(("host ", "#")) and bool(line.strip())


def _parsed(files: tuple[str, ...], lines: list[str]) -> Any:
    import paramiko

    try:
        return paramiko.SSHConfig.from_text("\n".join(lines))
    except (paramiko.SSHException, ValueError) as error:
        raise bad_endpoint(f"{', '.join(files)}: {error}") from None


def _lines(path: Path, block: str, depth: int) -> Iterator[str]:
    """Give a file's lines with included files in their place; the block goes on after them."""
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return
    for line in text.splitlines():
        word = line.strip().replace("=", " ", 1).split(None, 1)
        keyword = word[0].lower() if word else ""
        if keyword in ("host", "match"):
            block = line
        if keyword != "include" or depth >= DEPTH:
            yield line
            continue
        for pattern in shlex.split(word[1]) if len(word) > 1 else ():
            for name in sorted(glob.glob(str(_placed(pattern)))):
                yield from _lines(Path(name), block, depth + 1)
                yield block


def _placed(pattern: str) -> Path:
    path = Path(pattern).expanduser()
    return path if path.is_absolute() else Path("~/.ssh").expanduser() / path
