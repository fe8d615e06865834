"""Opens SSH connections: names checked, keys judged, retries where they help and nowhere else."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import paramiko
import tenacity
from paramiko.auth_strategy import AuthFailure

from orchestr8.core.errors import Diagnostic
from orchestr8.engine.ports import Endpoint
from orchestr8.transport.credentials import Credentials, KeyRing
from orchestr8.transport.failures import auth_failed, unreachable
from orchestr8.transport.heartbeat import Heartbeat
from orchestr8.transport.host_keys import HostKeys
from orchestr8.transport.payload import Payload
from orchestr8.transport.resolve import Resolver, Target, hop
from orchestr8.transport.session import Session
from orchestr8.transport.ssh_link import Link, watchful
from orchestr8.transport.ssh_shell import SshShell

STARTS = 8
"""Handshakes at a time with one sshd: its MaxStartups begins to refuse at ten."""
ATTEMPTS = 6
REFUSALS = 3
HOPS = 8


class _Again(Exception):
    """An attempt failed in a way that another may not."""

    attempts = ATTEMPTS


class _NobodyThere(_Again):
    """Nothing listens: worth a moment, since a server may be starting, and no longer."""

    attempts = REFUSALS


def _enough(state: tenacity.RetryCallState, seconds: float) -> bool:
    error = state.outcome.exception() if state.outcome else None
    most = error.attempts if isinstance(error, _Again) else 1
    return state.attempt_number >= most or (state.seconds_since_start or 0.0) >= seconds


class SshTransport:
    """Opens connections to hosts over SSH; what can be shared between them is."""

    def __init__(
        self, payload: Payload, heartbeat: Heartbeat, warn: Callable[[Diagnostic], None] | None = None
    ) -> None:
        self._payload = payload
        self._heartbeat = heartbeat
        self._resolver = Resolver()
        self._keys = HostKeys(warn)
        self._ring = KeyRing()
        self._jumps: dict[tuple[str, int, str], Link] = {}
        self._starts: dict[tuple[str, int], threading.Semaphore] = {}
        self._lock = threading.Lock()
        self._jump_lock = threading.Lock()

    def connect(self, endpoint: Endpoint) -> Session:
        """Connect to a host; raise AuthFailed, HostKeyRefused or Unreachable."""
        target = self._resolver.target(endpoint)
        link = self._open(target, 0)
        shell = SshShell(endpoint.name, link)
        return Session(endpoint.name, shell, self._payload, self._heartbeat, endpoint.python)

    def close(self) -> None:
        """Hang up on the jump hosts."""
        for link in self._jumps.values():
            link.hang_up()

    def _open(self, target: Target, depth: int) -> Link:
        if depth > HOPS:
            raise unreachable(target.name, f"its jump hosts lead over more than {HOPS} hops")
        deadline = time.monotonic() + target.connect_timeout
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Again),
            stop=lambda state: _enough(state, target.connect_timeout * 0.8),
            wait=tenacity.wait_random_exponential(multiplier=0.15, max=2.0),
            reraise=True,
        )
        try:
            return retrying(self._attempt, target, depth, deadline)
        except _Again as error:
            raise unreachable(target.name, str(error)) from None

    def _attempt(self, target: Target, depth: int, deadline: float) -> Link:
        with self._gate(target):
            sock = self._socket(target, depth, deadline)
            credentials = Credentials(target, self._ring)
            link = Link(target, self._keys, credentials, sock)
            try:
                self._shake(link, target, credentials)
            except BaseException:
                link.hang_up()
                sock.close()
                raise
            link.relax()
            return link

    def _shake(self, link: Link, target: Target, credentials: Credentials) -> None:
        place = f"{target.hostname} port {target.port}"
        try:
            link.open()
        except AuthFailure as error:
            tried = ", ".join(credentials.tried) or "nothing: there is no key, no agent and no password"
            why = f"{target.user}@{target.hostname} refused us (tried {tried})"
            if _hung_up(error):
                raise _Again(f"{place}: the connection ended during authentication") from None
            raise auth_failed(
                target.name, why, "see `ansible_user` and `ansible_ssh_private_key_file`"
            ) from None
        except paramiko.SSHException as error:
            raise self._excuse(target, error) from None
        except (EOFError, ConnectionError) as error:
            raise _Again(f"{place}: the connection was closed: {error or 'no SSH banner came'}") from None
        except TimeoutError:
            raise unreachable(
                target.name, f"{place}: no answer within {target.connect_timeout:g} s"
            ) from None
        except OSError as error:
            raise unreachable(target.name, f"{place}: {error}") from None

    def _excuse(self, target: Target, error: paramiko.SSHException) -> Exception:
        text = " ".join(str(error).split()) or type(error).__name__
        place = f"{target.hostname} port {target.port}"
        if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
            return unreachable(target.name, f"{place}: no common algorithm: {text}")
        if text == "No existing session":
            return unreachable(target.name, f"{place}: no SSH greeting within {target.connect_timeout:g} s")
        if "timed out" in text.lower() or "timeout" in text.lower():
            return unreachable(target.name, f"{place}: {text} within {target.connect_timeout:g} s")
        return _Again(f"{place}: {text}")

    def _socket(self, target: Target, depth: int, deadline: float) -> Any:
        place = f"{target.hostname} port {target.port}"
        if target.jumps:
            return self._through(target, depth)
        if target.proxy_command is not None:
            return _command(target)
        try:
            sock = socket.create_connection(
                (target.hostname, target.port), max(0.5, deadline - time.monotonic())
            )
        except ConnectionRefusedError as error:
            raise _NobodyThere(f"{place}: {error.strerror}") from None
        except ConnectionResetError as error:
            raise _Again(f"{place}: {error.strerror}") from None
        except socket.gaierror as error:
            raise unreachable(target.name, f"cannot resolve {target.hostname}: {error.strerror}") from None
        except TimeoutError:
            raise unreachable(
                target.name, f"{place}: no answer within {target.connect_timeout:g} s"
            ) from None
        except OSError as error:
            raise unreachable(target.name, f"{place}: {error.strerror or error}") from None
        watchful(sock)
        return sock

    def _through(self, target: Target, depth: int) -> Any:
        """Open a way through the jump hosts, each of which is connected to once a run."""
        *before, last = target.jumps
        options = dict(target.options)
        if before:
            options["proxyjump"] = ",".join(before)
        else:
            options.pop("proxyjump", None)
        endpoint = hop(last, options)
        if before:
            endpoint = _with(endpoint, "proxyjump", options["proxyjump"])
        jump = self._resolver.target(endpoint)
        link = self._jump(jump, depth + 1)
        try:
            return link.transport.open_channel(
                "direct-tcpip", (target.hostname, target.port), ("", 0), timeout=target.connect_timeout
            )
        except paramiko.ChannelException as error:
            raise _Again(
                f"{jump.name} cannot reach {target.hostname} port {target.port}: {error.text}"
            ) from None
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise _Again(f"{jump.name}: {error}") from None

    def _jump(self, target: Target, depth: int) -> Link:
        key = (target.hostname, target.port, target.user)
        with self._jump_lock if depth == 1 else threading.Lock():
            link = self._jumps.get(key)
            if link is None or not link.is_connected:
                link = self._open(target, depth)
                self._jumps[key] = link
            return link

    def _gate(self, target: Target) -> threading.Semaphore:
        first = target.jumps[0] if target.jumps else target.hostname
        with self._lock:
            return self._starts.setdefault((first, target.port), threading.Semaphore(STARTS))


def _with(endpoint: Endpoint, name: str, value: str) -> Endpoint:
    return replace(endpoint, options={**endpoint.options, name: value})


def _command(target: Target) -> Any:
    values = {"%h": target.hostname, "%p": str(target.port), "%r": target.user, "%n": target.name, "%%": "%"}
    command = target.proxy_command or ""
    for token, value in values.items():
        command = command.replace(token, value)
    try:
        return paramiko.ProxyCommand(command)
    except OSError as error:
        raise unreachable(target.name, f"its ProxyCommand cannot be started: {error}") from None


def _hung_up(error: AuthFailure) -> bool:
    """Whether the host closed the connection instead of refusing what was offered."""
    results = [entry.result for entry in error.result]
    return bool(results) and all(isinstance(r, (EOFError, ConnectionError)) for r in results)
