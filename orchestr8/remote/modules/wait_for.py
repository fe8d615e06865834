"""The wait_for module: waits until a port, a file or some text is there, or is gone."""

import os
import re
import time
from typing import Any, Callable, Dict, Optional

from orchestr8.remote import ports
from orchestr8.remote.files import opened
from orchestr8.remote.module import Arg, Call, Failure, Module

_ACTIVE = ["ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "SYN_RECV", "SYN_SENT", "TIME_WAIT"]


class WaitFor(Module):
    """Wait for a condition before going on."""

    name = "wait_for"
    check_mode = False
    args = {
        "host": Arg("str", "Where the port is, as seen from the host.", default="127.0.0.1"),
        "port": Arg("int", "The port to watch."),
        "path": Arg("path", "The file to watch."),
        "search_regex": Arg("str", "Expression that the file contains, or the port's server says."),
        "state": Arg(
            "str",
            "What to wait for: present and started, absent and stopped, or drained of connections.",
            default="started",
            choices=["absent", "drained", "present", "started", "stopped"],
        ),
        "timeout": Arg("int", "Seconds to wait at most.", default=300),
        "connect_timeout": Arg("int", "Seconds to wait for one connection.", default=5),
        "delay": Arg("int", "Seconds to wait before the first look.", default=0),
        "sleep": Arg("int", "Seconds between two looks.", default=1),
        "active_connection_states": Arg(
            "list", "TCP states that count as connected.", default=_ACTIVE, elements="str"
        ),
        "exclude_hosts": Arg("list", "Hosts whose connections do not count.", elements="str"),
        "msg": Arg("str", "What to say when the time is over."),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Wait."""
        start = time.monotonic()
        _check(call)
        time.sleep(call["delay"])
        wait = _Wait(call, start)
        if not (call["port"] or call["path"] or call["state"] == "drained"):
            time.sleep(call["timeout"])
        elif not _until(call, wait.end, wait.condition()):
            raise Failure(call["msg"] or wait.complaint(), elapsed=int(time.monotonic() - start))
        match = wait.match
        return {
            "changed": False,
            "state": call["state"],
            "port": call["port"],
            "path": call["path"],
            "search_regex": call["search_regex"],
            "match_groups": [_text(group) for group in match.groups()] if match else [],
            "match_groupdict": {key: _text(group) for key, group in match.groupdict().items()}
            if match
            else {},
            "elapsed": int(time.monotonic() - start),
        }


class _Wait:
    """The condition of one call; `match` is what the search found."""

    def __init__(self, call: Call, start: float) -> None:
        self.call = call
        self.end: float = start + call["timeout"]
        self.match: Any = None
        self.search: Optional["re.Pattern[bytes]"] = None
        if call["search_regex"] is not None:
            try:
                self.search = re.compile(
                    call["search_regex"].encode("utf-8", "surrogateescape"), re.MULTILINE
                )
            except re.error as error:
                raise Failure("Invalid regular expression: %s" % error) from None

    def condition(self) -> Callable[[], bool]:
        """Return what has to become true."""
        state, path = self.call["state"], self.call["path"]
        if state == "drained":
            return self._drained
        if state in ("absent", "stopped"):
            return (lambda: not os.path.exists(path)) if path else (lambda: not self._listens())
        return self._file if path else self._port

    def complaint(self) -> str:
        """Return what to say when it did not."""
        call = self.call
        place = call["path"] or "%s:%s" % (call["host"], call["port"])
        if call["state"] == "drained":
            return "Timeout when waiting for %s to drain" % place
        if call["state"] in ("absent", "stopped"):
            return "Timeout when waiting for %s to %s." % (place, "be absent" if call["path"] else "stop")
        if self.search:
            return "Timeout when waiting for search string %s in %s" % (call["search_regex"], place)
        return "Timeout when waiting for %s%s" % ("file " if call["path"] else "", place)

    def _patience(self) -> float:
        patience: float = self.call["connect_timeout"]
        return max(0.01, min(patience, self.end - time.monotonic()))

    def _listens(self) -> bool:
        return ports.listens(self.call["host"], self.call["port"], self._patience())

    def _port(self) -> bool:
        if self.search is None:
            return self._listens()
        self.match = ports.says(self.call["host"], self.call["port"], self._patience(), self.search, self.end)
        return bool(self.match)

    def _file(self) -> bool:
        path = self.call["path"]
        try:
            os.stat(path)
            if self.search is None:
                return True
            with opened(path) as stream:
                self.match = self.search.search(stream.read())
        except FileNotFoundError:
            return False
        except OSError as error:
            raise Failure("Failed to stat %s, %s" % (path, error.strerror), path=path) from None
        return bool(self.match)

    def _drained(self) -> bool:
        call = self.call
        excluded = call["exclude_hosts"] or []
        return not ports.active(call["host"], call["port"], call["active_connection_states"], excluded)


def _check(call: Call) -> None:
    state, path = call["state"], call["path"]
    msg = ""
    if call["port"] and path:
        msg = "port and path parameter can not both be passed to wait_for"
    elif path and state in ("stopped", "drained"):
        msg = "state=%s should only be used for checking a port in the wait_for module" % state
    elif call["exclude_hosts"] is not None and state != "drained":
        msg = "exclude_hosts should only be with state=drained"
    for name in call["active_connection_states"]:
        if name not in ports.STATES:
            msg = "unknown active_connection_state (%s) defined" % name
    if msg:
        raise Failure(msg, elapsed=0)


def _until(call: Call, end: float, condition: Callable[[], bool]) -> bool:
    """Look again and again, at least once; return whether the condition came true in time."""
    while not condition():
        left = end - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(call["sleep"], left))
    return True


def _text(group: Optional[bytes]) -> Optional[str]:
    return None if group is None else group.decode("utf-8", "surrogateescape")


MODULE = WaitFor
