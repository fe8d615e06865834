"""Speaks to the svn program: as a user, by a pipe where a password is needed, in words that can be read."""

import re
from typing import Any, List, Optional

from orchestr8.remote.module import Call, Failure
from orchestr8.remote.process import Finished, run, text
from orchestr8.remote.programs import required

_SAFE_SINCE = (1, 10)


class Client:
    """The svn program for one call of the module."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._program = str(call["executable"] or required("svn", "subversion"))
        self._words: Optional[List[str]] = None

    def tell(self, *words: str) -> List[str]:
        """Return the lines that svn answers; raise Failure when it fails."""
        done = self._run(words)
        if done.rc:
            reason = text(done.stderr).strip()
            raise Failure(reason or "svn failed", rc=done.rc, stdout=text(done.stdout), stderr=reason)
        return text(done.stdout).splitlines()

    def knows(self, path: str) -> bool:
        """Return whether a folder is a working copy."""
        return self._run(("info", path)).rc == 0

    def state(self, path: str) -> List[str]:
        """Return revision and URL of a working copy, as svn shows them."""
        lines = self.tell("info", path)
        return [_line(r"^\w+\s?:\s+\d+$", lines, "revision"), _line(r"^URL\s?:.*$", lines, "URL")]

    def revision(self, place: str, at: Optional[str] = None) -> str:
        """Return the revision of a working copy or a repository, as svn shows it."""
        words = ["-r", at] if at else []
        return _line(r"^\w+\s?:\s+\d+$", self.tell("info", *words, place), "revision")

    def modified(self, path: str) -> bool:
        """Return whether versioned files differ from what was checked out."""
        lines = self.tell("status", "--quiet", "--ignore-externals", path)
        return any(line and line[0] not in "?X" for line in lines)

    def _run(self, words: Any) -> Finished:
        if self._words is None:
            self._words = self._who()
        password = self._call["password"]
        argv = [self._program, *self._words, *words]
        stdin = (password + "\n").encode() if password else b""
        return run(argv, stdin=stdin, parse=True, environ=self._call.environ, timeout=self._call.timeout)

    def _who(self) -> List[str]:
        """Return the options that every command has."""
        words = ["--non-interactive", "--no-auth-cache"]
        if not self._call["validate_certs"]:
            words.append("--trust-server-cert")
        if self._call["username"]:
            words += ["--username", self._call["username"]]
        if self._call["password"]:
            if self._version() < _SAFE_SINCE:
                raise Failure("svn before 1.10 shows a password to everybody on the host: upgrade svn")
            words.append("--password-from-stdin")
        return words

    def _version(self) -> Any:
        done = run([self._program, "--version", "--quiet"], parse=True)
        return tuple(int(part) for part in re.findall(r"\d+", text(done.stdout))[:2])


def _line(pattern: str, lines: List[str], what: str) -> str:
    return next((line for line in lines if re.match(pattern, line)), "Unable to get %s" % what)
