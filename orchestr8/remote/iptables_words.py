"""The words of an iptables rule out of a task's arguments, in the order in which iptables wants them."""

from typing import Any, Callable, List, Tuple

from orchestr8.remote.module import Call


def rule_words(call: Call) -> List[str]:
    """Return the words that describe the rule."""
    words: List[str] = []
    if call["wait"]:
        words += ["-w", call["wait"]]
    for name, flag in _FIRST:
        words += _one(call[name], flag)
    for match in call["match"]:
        words += ["-m", match]
    words += _flags(call)
    for name, flag in _JUMP:
        words += _one(call[name], flag)
    for name, flag in _AFTER:
        words += _one(call[name], flag)
    for name, module, flag, shape in _MATCHES:
        words += _match(call, name, module, flag, shape)
    words += _dscp(call) + _limits(call)
    for name, flag in _LAST:
        words += _one(call[name], flag)
    if call["comment"]:
        words += ["-m", "comment", "--comment", call["comment"]]
    return words


def _one(value: Any, flag: str) -> List[str]:
    """Return a flag with its value; a value that begins with ! turns the flag round."""
    if value is None or value == "":
        return []
    if str(value).startswith("!"):
        return ["!", flag, str(value)[1:]]
    return [flag, str(value)]


def _flags(call: Call) -> List[str]:
    given = call["tcp_flags"]
    if not given:
        return []
    return ["--tcp-flags", ",".join(given["flags"] or []), ",".join(given["flags_set"] or [])]


def _match(call: Call, name: str, module: str, flag: str, shape: Callable[[Any], str]) -> List[str]:
    """Return a match's words, naming its extension where the task did not."""
    if not call[name]:
        return []
    said = [] if module in call["match"] else ["-m", module]
    return said + _one(shape(call[name]), flag)


def _dscp(call: Call) -> List[str]:
    if call["set_dscp_mark"]:
        return ["-j", "DSCP", "--set-dscp", call["set_dscp_mark"]]
    return (
        ["-j", "DSCP", "--set-dscp-class", call["set_dscp_mark_class"]] if call["set_dscp_mark_class"] else []
    )


def _limits(call: Call) -> List[str]:
    words: List[str] = []
    if call["match_set"]:
        said = [] if "set" in call["match"] else ["-m", "set"]
        words += [*said, *_one(call["match_set"], "--match-set"), call["match_set_flags"] or "src"]
    if (call["limit"] or call["limit_burst"]) and "limit" not in call["match"]:
        words += ["-m", "limit"]
    words += _one(call["limit"], "--limit") + _one(call["limit_burst"], "--limit-burst")
    if (call["uid_owner"] or call["gid_owner"]) and "owner" not in call["match"]:
        words += ["-m", "owner"]
    return words + _one(call["uid_owner"], "--uid-owner") + _one(call["gid_owner"], "--gid-owner")


_FIRST: Tuple[Tuple[str, str], ...] = (
    ("protocol", "-p"),
    ("source", "-s"),
    ("destination", "-d"),
)
_JUMP: Tuple[Tuple[str, str], ...] = (
    ("jump", "-j"),
    ("gateway", "--gateway"),
    ("log_prefix", "--log-prefix"),
    ("log_level", "--log-level"),
    ("to_destination", "--to-destination"),
    ("to_source", "--to-source"),
    ("goto", "-g"),
)
_AFTER: Tuple[Tuple[str, str], ...] = (
    ("in_interface", "-i"),
    ("out_interface", "-o"),
    ("fragment", "-f"),
    ("set_counters", "-c"),
    ("source_port", "--source-port"),
    ("destination_port", "--destination-port"),
)
_MATCHES: Tuple[Tuple[str, str, str, Callable[[Any], str]], ...] = (
    ("destination_ports", "multiport", "--dports", ",".join),
    ("ctstate", "conntrack", "--ctstate", ",".join),
    ("src_range", "iprange", "--src-range", str),
    ("dst_range", "iprange", "--dst-range", str),
)
_LAST: Tuple[Tuple[str, str], ...] = (
    ("to_ports", "--to-ports"),
    ("reject_with", "--reject-with"),
    ("icmp_type", "--icmp-type"),
)
