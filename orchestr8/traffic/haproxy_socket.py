"""HAProxy's runtime API: many commands in one conversation, through the host's own connection."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from contextlib import closing

from orchestr8.core.errors import HostFailed
from orchestr8.engine.ports import ByteStream
from orchestr8.traffic.haproxy_names import refused

PAYLOAD = 15_000
"""How many bytes one command may have; HAProxy has a buffer of 16 KiB for it."""

_TIMEOUT = 10.0
_READ = 65536
_MOST = 8 << 20
_PROMPT = "\n> "
_GOOD = ("New server registered", "Server deleted", "No such server", "no need to change", "IP changed from")
_GOOD_TOO = ("port changed from", "Transaction created", "Committing ")
_HINT = "is it running, and is its admin socket where the configuration says?"


class HaproxySocket:
    """Sends commands; `open_stream` opens the admin socket."""

    def __init__(self, host: str, open_stream: Callable[[], ByteStream]) -> None:
        self.host = host
        self._open = open_stream

    def converse(self, commands: Sequence[str]) -> list[str]:
        """Return what each command prints; a command ends with its line, or with an empty one after `<<`."""
        for command in commands:
            if not _whole(command):
                raise refused("a command to a load balancer is one line")
        text = "".join(f"{command}\n" for command in ("prompt", *commands, "quit"))
        try:
            with closing(self._open()) as stream:
                stream.settimeout(_TIMEOUT)
                stream.sendall(text.encode())
                answers = _all(stream).decode("utf-8", "replace").split(_PROMPT)
        except (OSError, EOFError, HostFailed) as error:
            why = f"{self.host}: HAProxy does not answer: {reason(error)}"
            raise refused(why, _HINT) from None
        if len(answers) != len(commands) + 2:
            raise refused(f"{self.host}: HAProxy broke off: {''.join(answers)[-200:].strip() or 'no word'}")
        return [answer.strip() for answer in answers[1:-1]]

    def ask(self, command: str) -> str:
        """Return what a command prints."""
        return self.converse([command])[0]

    def tell(self, commands: Sequence[str], *, unless: tuple[str, ...] = ()) -> list[str]:
        """Carry out commands; raise TrafficError when one says anything but what is known to be good."""
        answers = self.converse(commands) if commands else []
        for command, answer in zip(commands, answers, strict=True):
            if answer and not answer.removeprefix("+ ").lstrip("+ ").startswith(
                (*_GOOD, *_GOOD_TOO, *unless)
            ):
                shown = command.splitlines()[0]
                raise refused(
                    f"{self.host}: HAProxy refuses `{shown}`: {answer[:400]}", _advice(answer), "O8-3502"
                )
        return answers


def rows(host: str, answer: str) -> list[dict[str, str]]:
    """Return the rows of `show stat`: one for each frontend, server and backend."""
    if not answer.startswith("# pxname,svname,"):
        raise refused(f"{host}: HAProxy does not tell its statistics: {answer[:200]}", _advice(answer))
    found = csv.DictReader(answer.removeprefix("# ").splitlines(), restval="")
    return [row for row in found if row["pxname"]]


def reason(error: Exception) -> str:
    """Return why a stream did not come about, or broke."""
    return error.message if isinstance(error, HostFailed) else str(error) or type(error).__name__


def _advice(answer: str) -> str | None:
    if "ermission denied" in answer:
        return "the `stats socket` line needs `level admin`"
    return None


def _whole(command: str) -> bool:
    """Whether a text is one command: one line, or a payload that is empty nowhere but at its end."""
    first, _, payload = command.partition("\n")
    if ";" in first or not payload:
        return ";" not in first and "\n" not in command
    return first.endswith(" <<") and payload.endswith("\n") and "\n\n" not in payload


def _all(stream: ByteStream) -> bytes:
    parts: list[bytes] = []
    size = 0
    while data := stream.recv(_READ):
        parts.append(data)
        size += len(data)
        if size > _MOST:
            raise refused("HAProxy's answer is too long")
    return b"".join(parts)
