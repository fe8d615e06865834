"""Words of the engine and the kernel that a service may use: signals, capabilities, limits, namespaces.

The engine refuses any other word when it makes a container; here it is refused before a host is contacted.
"""

from __future__ import annotations

import re

from orchestr8.core.suggest import did_you_mean
from orchestr8.deploy.workload import Ulimit
from orchestr8.language.services_node import LATER, ORDER, WRONG, Node
from orchestr8.language.services_table import read_table
from orchestr8.language.services_values import Reader, each, size, text, texts, whole

_SIGNALS = """
ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP
TSTP TTIN TTOU UNUSED URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX
"""
_CAPABILITIES = """
ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE
DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD
NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN
SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG
WAKE_ALARM
"""
_ULIMITS = """
core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack
"""
LEAST_MEMORY = 6 << 20
_SIGNAL = re.compile(r"(?:SIG)?(?:([A-Z]+[12]?)|RTM(?:IN\+|AX-)(?:\d|1[0-5]))|[1-9]|[1-5]\d|6[0-4]")


def signal(node: Node) -> str:
    """Return the name or number of a signal."""
    word = text(node)
    found = _SIGNAL.fullmatch(word)
    if found is None or (found[1] and found[1] not in _SIGNALS.split()):
        raise node.wrong(
            "a signal such as SIGTERM", did_you_mean(word, [f"SIG{name}" for name in _SIGNALS.split()])
        )
    return word


def capabilities(node: Node) -> tuple[str, ...]:
    """Return capabilities of the kernel, as written."""
    return tuple(each(node.items(), _capability))


def _capability(node: Node) -> str:
    word = text(node)
    _require(node, word.upper().removeprefix("CAP_"), _CAPABILITIES, "capability")
    return word


def _require(node: Node, word: str, names_: str, what: str) -> None:
    if word not in (known := names_.split()):
        raise node.error(WRONG, f"there is no {what} `{word}`", did_you_mean(word, known))


def ulimits(node: Node) -> tuple[Ulimit, ...]:
    """Return the limits of processes by name: one number, or `soft` and `hard`."""
    return tuple(each((child for _, child in node.fields()), _ulimit))


def _ulimit(node: Node) -> Ulimit:
    name = node.path.rsplit(".", 1)[-1]
    _require(node, name, _ULIMITS, "limit")
    if not isinstance(node.settled().value, dict):
        return Ulimit(name, _limit(node), _limit(node))
    given = read_table(node, "a ulimit", {"soft": _limit, "hard": _limit})
    if "soft" not in given or "hard" not in given:
        raise node.error(WRONG, "needs `soft` and `hard`")
    soft, hard = given["soft"], given["hard"]
    if hard != -1 and not 0 <= soft <= hard:
        raise node.error(ORDER, "`soft` is above `hard`")
    return Ulimit(name, soft, hard)


def _limit(node: Node) -> int:
    return -1 if node.settled().value in (-1, "-1", "unlimited") else whole(node)


def memory(node: Node) -> int:
    """Return a limit of memory in bytes."""
    number = size(node)
    if 0 < number < LEAST_MEMORY:
        raise node.wrong("at least 6M, the least that engines take")
    return number


def namespace(*allowed: str) -> Reader[str]:
    """Return the reader of whose namespace a container shares; without words any name is a network's."""

    def read(node: Node) -> str:
        word = text(node)
        kind, colon, name = word.partition(":")
        if kind == "service" and colon:
            hint = "each replica has containers of its own; let them find each other by a network"
            raise node.error(LATER, "what another service's container has cannot be shared", hint)
        if (kind == "container" and name) or not word or word in allowed:
            return word
        if allowed or colon:
            raise node.wrong(f"one of {', '.join(allowed) or 'bridge, host, none'}, container:NAME")
        return word

    return read


def names(node: Node) -> tuple[str, ...]:
    """Return texts of which none is given twice."""
    found = texts(node)
    if len(set(found)) < len(found):
        twice = next(name for name in found if found.count(name) > 1)
        raise node.error(ORDER, f"`{twice}` is given twice")
    return found
