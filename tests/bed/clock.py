"""Clocks that are off: libfaketime moves the date that programs of a host see."""

from __future__ import annotations

import base64

from tests.bed.command import docker
from tests.bed.fleet import locked
from tests.bed.host import Host
from tests.bed.image import booted_image

LIBRARY = "/usr/local/lib/libfaketime.so"
_READ = "base64 /usr/lib/*/faketime/libfaketimeMT.so.1"
_WRITE = f"base64 -d >{LIBRARY}.new && mv {LIBRARY}.new {LIBRARY}"
# It takes a moment of the monotonic clock to sleep until for a date; without its name the real call is found.
_SLEEP, _NO_NAME = b"\0clock_nanosleep\0", b"\0clock_nanosleeq\0"


def skew(host: Host, offset: str) -> None:
    """Move a host's date ("+10m", "-10m") as programs see it that come over SSH; the engine's stays.

    Programs that were started after the first move follow later ones at once.
    """
    if host.exec(["test", "-s", LIBRARY]).rc != 0:
        host.exec(["sh", "-c", _WRITE], stdin=base64.b64encode(_library()).decode())
    host.skew(offset)


def _library() -> bytes:
    with locked():
        image = booted_image()
    read = base64.b64decode(docker("run", "--rm", "--entrypoint", "sh", image, "-c", _READ))
    head, name, rest = read.partition(_SLEEP)
    return head + _NO_NAME + rest if name else read
