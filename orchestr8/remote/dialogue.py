"""A command on a terminal of its own, whose questions are answered."""

import os
import re
import time
from typing import Any, Dict, Iterator, List, Optional, Tuple

from orchestr8.remote.module import Failure

_LARGEST = 16 * 1024 * 1024
Question = Tuple[Any, Iterator[bytes]]


class Dialogue:
    """Questions and answers: a list of answers is used up, a single one is given each time.

    timeout: seconds between questions, and to the end.
    """

    def __init__(self, responses: Dict[str, Any], timeout: int, *, echo: bool) -> None:
        self._questions = [(_compiled(name), name, _answers(value)) for name, value in responses.items()]
        self._timeout = timeout
        self._echo = echo
        self._said = b""
        self._asked = 0

    def text(self) -> str:
        """Return all that the command wrote."""
        return self._said.decode("utf-8", "surrogateescape")

    def hold(self, words: List[str], folder: Optional[str]) -> Optional[int]:
        """Run the command to its end; return how it ended, None when it kept silent too long."""
        import pty

        pid, terminal = pty.fork()
        if pid == 0:
            _become(words, folder, echo=self._echo)
        ended = False
        try:
            ended = self._talk(terminal)
        finally:
            os.close(terminal)
            if not ended:
                _end(pid)
        status = os.waitpid(pid, 0)[1] if ended else 0
        if not ended:
            return None
        return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)

    def _talk(self, terminal: int) -> bool:
        """Answer until the command closes its terminal; return False when the time is up."""
        import select

        limit = time.monotonic() + self._timeout
        while True:
            left = limit - time.monotonic()
            if left <= 0 or not select.select([terminal], [], [], left)[0]:
                return False
            try:
                chunk = os.read(terminal, 65536)
            except OSError:
                return True  # Linux says EIO when nobody has the terminal open any more.
            if not chunk:
                return True
            self._said = (self._said + chunk)[:_LARGEST]
            if self._answered(terminal):
                limit = time.monotonic() + self._timeout

    def _answered(self, terminal: int) -> bool:
        """Answer what was asked since the last answer; return whether anything was."""
        any_asked = False
        while True:
            found = [(match.start(), number) for number, match in enumerate(self._matches()) if match]
            if not found:
                return any_asked
            any_asked = True
            pattern, name, answers = self._questions[min(found)[1]]
            self._asked = pattern.search(self._said, self._asked).end()
            answer = next(answers, None)
            if answer is None:
                text = self.text()
                raise Failure("No remaining responses for '%s', output was '%s'" % (name, text))
            os.write(terminal, answer)

    def _matches(self) -> List[Any]:
        found = [pattern.search(self._said, self._asked) for pattern, _name, _answers in self._questions]
        return [match if match and match.end() > self._asked else None for match in found]


def _compiled(source: str) -> Any:
    try:
        return re.compile(source.encode("utf-8", "surrogateescape"), re.DOTALL)
    except re.error as error:
        raise Failure("not a valid regular expression: %s: %s" % (source, error)) from None


def _answers(value: Any) -> Iterator[bytes]:
    if isinstance(value, list):
        return (_line(each) for each in value)
    return iter(lambda: _line(value), None)


def _line(value: Any) -> bytes:
    return str(value).encode("utf-8", "surrogateescape").rstrip(b"\n") + b"\n"


def _become(words: List[str], folder: Optional[str], *, echo: bool) -> None:
    """In the child: turn into the command; never returns."""
    import termios

    try:
        if not echo:
            settings = termios.tcgetattr(0)
            settings[3] &= ~termios.ECHO
            termios.tcsetattr(0, termios.TCSANOW, settings)
        if folder:
            os.chdir(folder)
        os.execvp(words[0], words)
    finally:
        os._exit(127)


def _end(pid: int) -> None:
    import signal

    try:
        os.killpg(pid, signal.SIGHUP)
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        pass
    os.waitpid(pid, 0)
