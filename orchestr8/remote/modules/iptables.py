"""iptables: manages rules, chains and policies of the kernel's packet filter."""

import os
from typing import Any, Dict, List

from orchestr8.remote.iptables_words import rule_words
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import Finished, run, text
from orchestr8.remote.programs import must, required

_PROGRAMS = {"ipv4": ["iptables"], "ipv6": ["ip6tables"], "both": ["iptables", "ip6tables"]}
_LEVELS = "0 1 2 3 4 5 6 7 emerg alert crit error warning notice info debug"
_ICMP = {"iptables": "--icmp-type", "ip6tables": "--icmpv6-type"}
_TOLD = ("ip_version", "table", "chain", "flush", "state", "chain_management", "wait")


class Iptables(Module):
    """Adds and removes a rule, makes and removes a chain, flushes, or sets a policy."""

    name = "iptables"
    args = {
        "table": Arg(
            "str", "The table.", default="filter", choices=["filter", "nat", "mangle", "raw", "security"]
        ),
        "state": Arg("str", "Whether the rule is there.", default="present", choices=["absent", "present"]),
        "action": Arg("str", "Where a new rule goes.", default="append", choices=["append", "insert"]),
        "rule_num": Arg("str", "With insert, the number it gets."),
        "ip_version": Arg(
            "str", "Of which protocol the rule is.", default="ipv4", choices=["ipv4", "ipv6", "both"]
        ),
        "chain": Arg("str", "The chain."),
        "protocol": Arg("str", "Protocol of the packets."),
        "source": Arg("str", "Their source."),
        "destination": Arg("str", "Their destination."),
        "tcp_flags": Arg(
            "dict",
            "Their TCP flags.",
            options={
                "flags": Arg("list", "Flags to look at.", elements="str"),
                "flags_set": Arg("list", "Flags that are set.", elements="str"),
            },
        ),
        "match": Arg("list", "Extensions to load.", default=[], elements="str"),
        "jump": Arg("str", "What happens to them."),
        "gateway": Arg("str", "With TEE, where copies go."),
        "log_prefix": Arg("str", "With LOG, the text before."),
        "log_level": Arg("str", "With LOG, the level.", choices=_LEVELS.split()),
        "goto": Arg("str", "The chain in which to go on."),
        "in_interface": Arg("str", "By which they came."),
        "out_interface": Arg("str", "By which they go."),
        "fragment": Arg("str", "Only further fragments."),
        "set_counters": Arg("str", "Counters of the rule at first."),
        "source_port": Arg("str", "Source port or range."),
        "destination_port": Arg("str", "Destination port or range."),
        "destination_ports": Arg("list", "Several destination ports.", default=[], elements="str"),
        "to_ports": Arg("str", "Port that they get."),
        "to_destination": Arg("str", "Destination that they get."),
        "to_source": Arg("str", "Source that they get."),
        "syn": Arg("str", "Whether SYN opens them.", default="ignore", choices=["ignore", "match", "negate"]),
        "set_dscp_mark": Arg("str", "DSCP mark that they get."),
        "set_dscp_mark_class": Arg("str", "DSCP class that they get."),
        "comment": Arg("str", "Comment of the rule."),
        "ctstate": Arg("list", "States of the connection.", default=[], elements="str"),
        "src_range": Arg("str", "Range of sources."),
        "dst_range": Arg("str", "Range of destinations."),
        "match_set": Arg("str", "Set of ipset."),
        "match_set_flags": Arg(
            "str",
            "What is looked up in the set.",
            choices=["src", "dst", "src,dst", "dst,src", "dst,dst", "src,src"],
        ),
        "limit": Arg("str", "How many at most on average."),
        "limit_burst": Arg("str", "How many before that counts."),
        "uid_owner": Arg("str", "User who sends them."),
        "gid_owner": Arg("str", "Group that sends them."),
        "reject_with": Arg("str", "What the sender is told; means REJECT."),
        "icmp_type": Arg("str", "Type of ICMP."),
        "flush": Arg("bool", "Remove all rules of the chain or table.", default=False),
        "policy": Arg("str", "Policy of a built-in chain.", choices=["ACCEPT", "DROP", "QUEUE", "RETURN"]),
        "wait": Arg("str", "Seconds to wait for the lock."),
        "chain_management": Arg("bool", "Make or remove the chain too.", default=False),
        "numeric": Arg("bool", "Look up no names when listing.", default=False),
    }
    exclusive = (("set_dscp_mark", "set_dscp_mark_class"), ("flush", "policy"))
    required_if = (
        ("jump", "TEE", ("gateway",)),
        ("jump", "tee", ("gateway",)),
        ("flush", False, ("chain",)),
    )
    required_by = {"set_dscp_mark": ("jump",), "set_dscp_mark_class": ("jump",)}

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and act, for each version of the protocol."""
        out: Dict[str, Any] = {"changed": False, "failed": False, "rule": " ".join(rule_words(call))}
        out.update({key: call[key] for key in _TOLD})
        call = _completed(call)
        for name in _PROGRAMS[call["ip_version"]]:
            table = _Table(call, required(name, "iptables"))
            out["changed"] = table.settle() or out["changed"]
        return out


def _completed(call: Call) -> Call:
    """Return the call with what some arguments say of others."""
    args = dict(call.args)
    if args["log_prefix"] or args["log_level"]:
        if args["jump"] not in (None, "LOG"):
            raise Failure("Logging options can only be used with the LOG jump target.")
        args["jump"] = "LOG"
    other = Call(args, check=call.check, diff=call.diff, timeout=call.timeout)
    other.warnings = call.warnings
    return other


class _Table:
    """One table as one of the two programs sees it."""

    def __init__(self, call: Call, program: str) -> None:
        self._call = call
        self._program = program
        self._base = [program, *(["-w", call["wait"]] if call["wait"] else []), "-t", call["table"]]

    def settle(self) -> bool:
        """Bring it into the wanted state; return whether it was not."""
        call = self._call
        if call["flush"]:
            return self._do(["-F", *([call["chain"]] if call["chain"] else [])])
        if call["policy"]:
            now = self._policy()
            if not now:
                raise Failure(f"{call['chain']} is no built-in chain of {call['table']}: it has no policy")
            return now != call["policy"] and self._do(["-P", call["chain"], call["policy"]])
        words = rule_words(call, _ICMP[os.path.basename(self._program)])
        if not words:
            return self._chain()
        if call["state"] == "absent":
            return self._has(words) and self._do(["-D", call["chain"], *words])
        fresh = call["chain_management"] and not self._has_chain()
        if fresh:
            self._do(["-N", call["chain"]])
        if not fresh and self._has(words):
            return False
        return self._do([*self._place(), *words])

    def _chain(self) -> bool:
        """Make or remove the chain; without chain_management only tell whether that would be."""
        there, wanted = self._has_chain(), self._call["state"] == "present"
        if there == wanted:
            return False
        return not self._call["chain_management"] or self._do(["-N" if wanted else "-X", self._call["chain"]])

    def _place(self) -> List[str]:
        if self._call["action"] == "append":
            return ["-A", self._call["chain"]]
        number = [self._call["rule_num"]] if self._call["rule_num"] else []
        return ["-I", self._call["chain"], *number]

    def _has(self, words: List[str]) -> bool:
        return self._ask(["-C", self._call["chain"], *words]).rc == 0

    def _has_chain(self) -> bool:
        return self._ask(["-L", self._call["chain"], "-n"]).rc == 0

    def _policy(self) -> str:
        said = text(self._ask(["-S", self._call["chain"]]).stdout).split()
        return said[2] if said[:1] == ["-P"] else ""

    def _ask(self, words: List[str]) -> Finished:
        return run([*self._base, *words], parse=True)

    def _do(self, words: List[str]) -> bool:
        if not self._call.check:
            must([*self._base, *words], "iptables refuses")
        return True


MODULE = Iptables
