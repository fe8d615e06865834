"""One SSH connection by Fabric, with its host key checked by us and a socket that notices a dead peer."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import socket
import struct
import termios
from typing import Any

import fabric
import paramiko

from orchestr8.transport.credentials import Credentials
from orchestr8.transport.host_keys import HostKeys
from orchestr8.transport.resolve import Target

KEEPALIVE = 5
USER_TIMEOUT = 15_000
POLL = 60.0
CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")

logging.getLogger("paramiko").addHandler(logging.NullHandler())
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class _Judge(paramiko.MissingHostKeyPolicy):
    """Asks our own judgement; paramiko itself is given no known keys."""

    def __init__(self, target: Target, keys: HostKeys) -> None:
        self._target = target
        self._keys = keys

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        """Return when the key may be trusted."""
        del client, hostname
        self._keys.check(self._target, key.get_name(), key.asbytes())


class Link(fabric.Connection):  # type: ignore[misc]
    """A Fabric connection that trusts nobody by default.

    Its configuration is its own: Fabric changes it while a connection is made, which is no good in threads.
    """

    def __init__(self, target: Target, keys: HostKeys, credentials: Credentials, sock: Any) -> None:
        super().__init__(
            host=target.hostname,
            user=target.user,
            port=target.port,
            config=fabric.Config(lazy=True, ssh_config=paramiko.SSHConfig()),
            gateway=False,
            forward_agent=False,
            connect_timeout=int(max(1, target.connect_timeout)),
            connect_kwargs={
                "sock": sock,
                "auth_strategy": credentials,
                "banner_timeout": target.connect_timeout,
                "auth_timeout": 30,
                "channel_timeout": 30,
                "transport_factory": _Factory(target, keys.kinds(target)),
            },
        )
        self.client = paramiko.SSHClient()
        self.client.set_missing_host_key_policy(_Judge(target, keys))

    def hang_up(self) -> None:
        """End the connection at once, without waiting for anybody."""
        transport = self.client.get_transport()
        if transport is None:
            return
        transport.active = False  # type: ignore[attr-defined]
        with contextlib.suppress(OSError, AttributeError):
            transport.sock.shutdown(socket.SHUT_RDWR)
        transport.packetizer.close()

    def relax(self) -> None:
        """Stop the transport's thread from waking ten times a second, once the handshake is over."""
        transport = self.client.get_transport()
        if transport is not None:
            transport.sock.settimeout(POLL)


class _Factory:
    """Makes a transport that asks for the kinds of key we know, with ciphers that cost little."""

    def __init__(self, target: Target, kinds: list[str]) -> None:
        self._target = target
        self._kinds = kinds

    def __call__(self, sock: Any, **settings: Any) -> paramiko.Transport:
        transport = paramiko.Transport(sock, **settings)
        options = transport.get_security_options()
        options.ciphers = _order(self._target.ciphers or CIPHERS, options.ciphers)
        options.key_types = _order(_algorithms(self._kinds), options.key_types, rest=True)
        if self._target.kex:
            options.kex = _order(self._target.kex, options.kex)
        return transport


def _algorithms(kinds: list[str]) -> list[str]:
    return [
        name for kind in kinds for name in (["rsa-sha2-512", "rsa-sha2-256"] if kind == "ssh-rsa" else [kind])
    ]


def _order(wanted: Any, offered: Any, *, rest: bool = False) -> tuple[str, ...]:
    """Return what of `wanted` is offered, then the rest of it when asked or when nothing fits."""
    first = [name for name in wanted if name in offered]
    others = [name for name in offered if name not in first] if rest or not first else []
    return tuple(first + others)


def watchful(sock: socket.socket) -> None:
    """Have the kernel notice a peer that is gone."""
    for level, option, value in (
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, getattr(socket, "TCP_KEEPIDLE", 0), KEEPALIVE),
        (socket.IPPROTO_TCP, getattr(socket, "TCP_KEEPINTVL", 0), KEEPALIVE),
        (socket.IPPROTO_TCP, getattr(socket, "TCP_KEEPCNT", 0), 3),
        (socket.IPPROTO_TCP, getattr(socket, "TCP_USER_TIMEOUT", 0), USER_TIMEOUT),
    ):
        if option:
            sock.setsockopt(level, option, value)


def unacknowledged(sock: Any) -> int:
    """Return how many bytes the kernel still holds for the peer."""
    try:
        packed = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
    except (OSError, AttributeError, ValueError):
        return 0
    return int(struct.unpack("i", packed)[0])
