"""How to start a program as another user, and what the way there says when it fails."""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Sequence

from orchestr8.engine.ports import Become
from orchestr8.transport.failures import BecomeFailed, bad_endpoint, become_failed

SUDO_FLAGS = "-H -S -n"
_INSIDE = 'cd "$1" && shift && exec "$@"'
USER = re.compile(r"[A-Za-z0-9_.#][A-Za-z0-9_.@#$-]*\Z")
FOREIGN_PROMPT = re.compile(rb"[^\n]*(?:[:?>]|\x1b\[\S*) ?\Z")

REASONS = (
    (
        re.compile(r"incorrect password|authentication failure|sorry, try again", re.IGNORECASE),
        "Incorrect {} password",
    ),
    (re.compile(r"a password is required|no password was provided", re.IGNORECASE), "Missing {} password"),
    (
        re.compile(r"must have a tty|must be run from a terminal|no tty present", re.IGNORECASE),
        "{} wants a terminal (requiretty)",
    ),
    (re.compile(r"not in the sudoers|not allowed to|may not run", re.IGNORECASE), "{} does not allow it"),
    (re.compile(r"unknown user|does not exist|invalid user", re.IGNORECASE), "there is no such user"),
)


class Ascent:
    """One way to another user: the words that start a program there, and the talk about its password."""

    def __init__(self, name: str, become: Become) -> None:
        if not USER.match(become.user):
            raise bad_endpoint(f"{name}: `{become.user}` is no user name")
        if become.method not in ("sudo", "su"):
            raise bad_endpoint(f"{name}: become method `{become.method}` is not known", "sudo and su are")
        self._name = name
        self._become = become
        self._prompt = f"[o8 {secrets.token_hex(6)}] password: "
        self._told = False

    def argv(self, command: Sequence[str]) -> list[str]:
        """Return the words that start `command` as the other user."""
        if self._become.method == "su":
            return [
                self._become.program or "su",
                *shlex.split(self._become.flags),
                self._become.user,
                "-c",
                shlex.join(command),
            ]
        flags = shlex.split(self._become.flags or SUDO_FLAGS)
        if self._become.password is not None:
            flags = [flag for flag in flags if flag not in ("-n", "--non-interactive")]
            flags += [] if "-S" in flags else ["-S"]
        program = self._become.program or "sudo"
        words = [program, *flags, "-p", self._prompt, "-u", self._become.user, *command]
        return ["/bin/sh", "-c", _INSIDE, "sh", self._become.folder, *words] if self._become.folder else words

    def answer(self, output: bytes, *, quiet: bool) -> bytes:
        """Return what to type after `output`, b"" for nothing; raise BecomeFailed when it leads nowhere."""
        asked = output.count(self._prompt.encode())
        if self._become.method == "su" and self._asks(output):
            asked = 2 if self._told else 1
        if asked > 1:
            raise self._failed(f"Incorrect {self._become.method} password")
        if asked and not self._told:
            return self._password()
        if quiet and not asked and FOREIGN_PROMPT.search(output):
            raise self.ended(output)
        return b""

    def ended(self, output: bytes) -> BecomeFailed:
        """Return the error for a way that ended with `output`."""
        text = output.decode("utf-8", "replace").replace(self._prompt, "").strip()
        method = self._become.method
        for pattern, reason in REASONS:
            if pattern.search(text):
                return self._failed(reason.format(method), text)
        if self._told and method == "su":
            return self._failed("Incorrect su password", text)
        return self._failed(f"{method} to {self._become.user} failed", text or "it said nothing")

    def _asks(self, output: bytes) -> bool:
        if self._told and re.search(rb"failure|incorrect", output, re.IGNORECASE):
            return True
        return not self._told and output.rstrip(b" ").endswith(b":")

    def _password(self) -> bytes:
        self._told = True
        if self._become.password is None:
            raise self._failed(f"Missing {self._become.method} password")
        return self._become.password.reveal().encode() + b"\n"

    def _failed(self, reason: str, text: str = "") -> BecomeFailed:
        said = " ".join(text.split())[-300:]
        if self._become.password is not None and self._become.password.reveal():
            said = said.replace(self._become.password.reveal(), "********")
        return become_failed(self._name, f"{reason}: {said}" if said else reason)
