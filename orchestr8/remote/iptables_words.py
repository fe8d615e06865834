"""The words of an iptables rule out of a task's arguments, in the order in which Ansible writes them."""

from typing import Any, List, Tuple

from orchestr8.remote.module import Call


def rule_words(call: Call, icmp: str = "--icmp-type") -> List[str]:
    """Return the words that describe the rule; `icmp` is the option of the protocol's version."""
    words = _ones(call, _FIRST)
    for match in call["match"]:
        words += ["-m", match]
    words += _flags(call) + _one(call["jump"], "-j")
    if (call["jump"] or "").lower() == "tee":
        words += _one(call["gateway"], "--gateway")
    words += _ones(call, _LOGS) + _ports(call) + _ones(call, _PLACES)
    words += {"match": ["--syn"], "negate": ["!", "--syn"]}.get(call["syn"], [])
    words += _states(call) + _ranges(call) + _set(call) + _limits(call)
    if call["reject_with"] and not call["jump"]:
        words += ["-j", "REJECT"]
    words += _one(call["reject_with"], "--reject-with") + _one(call["icmp_type"], icmp)
    return words + (["-m", "comment", "--comment", call["comment"]] if call["comment"] else [])


def _one(value: Any, flag: str) -> List[str]:
    """Return a flag with its value; a value that begins with ! turns the flag round."""
    if value is None or value == "":
        return []
    if str(value).startswith("!"):
        return ["!", flag, str(value)[1:]]
    return [flag, str(value)]


def _ones(call: Call, flags: Tuple[Tuple[str, str], ...]) -> List[str]:
    return [word for name, flag in flags for word in _one(call[name], flag)]


def _flags(call: Call) -> List[str]:
    given = call["tcp_flags"]
    if not given:
        return []
    return ["--tcp-flags", ",".join(given["flags"] or []), ",".join(given["flags_set"] or [])]


def _match(call: Call, extension: str) -> List[str]:
    """Return the words that name an extension, where the task did not."""
    return [] if extension in call["match"] else ["-m", extension]


def _ports(call: Call) -> List[str]:
    ports = call["destination_ports"]
    return [*_match(call, "multiport"), "--dports", ",".join(ports)] if ports else []


def _states(call: Call) -> List[str]:
    if not call["ctstate"]:
        return []
    states = ",".join(call["ctstate"])
    if "state" in call["match"] and "conntrack" not in call["match"]:
        return ["--state", states]
    return [*_match(call, "conntrack"), "--ctstate", states]


def _ranges(call: Call) -> List[str]:
    words = _one(call["src_range"], "--src-range") + _one(call["dst_range"], "--dst-range")
    return _match(call, "iprange") + words if words else []


def _set(call: Call) -> List[str]:
    if not call["match_set"]:
        return []
    words = _one(call["match_set"], "--match-set")
    return [*_match(call, "set"), *words, call["match_set_flags"] or "src"]


def _limits(call: Call) -> List[str]:
    words = _one(call["limit"], "--limit") + _one(call["limit_burst"], "--limit-burst")
    words = _match(call, "limit") + words if words else []
    owner = _one(call["uid_owner"], "--uid-owner") + _one(call["gid_owner"], "--gid-owner")
    return words + (_match(call, "owner") + owner if owner else [])


_FIRST = (("protocol", "-p"), ("source", "-s"), ("destination", "-d"))
_LOGS = (("log_prefix", "--log-prefix"), ("log_level", "--log-level"), ("to_destination", "--to-destination"))
_PLACES = (
    ("to_source", "--to-source"),
    ("goto", "-g"),
    ("in_interface", "-i"),
    ("out_interface", "-o"),
    ("fragment", "-f"),
    ("set_counters", "-c"),
    ("source_port", "--source-port"),
    ("destination_port", "--destination-port"),
    ("to_ports", "--to-ports"),
    ("set_dscp_mark", "--set-dscp"),
    ("set_dscp_mark_class", "--set-dscp-class"),
)
