"""ufw: manages the firewall by Ubuntu's front end."""

from typing import Any, Dict, List, Optional

from orchestr8.remote.facts.reading import Files
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import text
from orchestr8.remote.programs import must, required

_RULES = [f"/{place}/ufw/{name}.rules" for place in ("etc", "lib", "var/lib") for name in ("user", "user6")]
_SIDES = ["in", "incoming", "out", "outgoing", "routed"]
_PROTOCOLS = ["any", "tcp", "udp", "ipv6", "esp", "ah", "gre", "igmp", "vrrp"]
_PLACES = ["first-ipv4", "first-ipv6", "last-ipv4", "last-ipv6", "zero"]


class Ufw(Module):
    """Turns the firewall on and off, sets its policies, and manages its rules."""

    name = "ufw"
    args = {
        "state": Arg(
            "str", "What the firewall as a whole does.", choices=["disabled", "enabled", "reloaded", "reset"]
        ),
        "default": Arg(
            "str", "Policy of a direction.", choices=["allow", "deny", "reject"], aliases=["policy"]
        ),
        "direction": Arg("str", "Direction of the rule or policy.", choices=_SIDES),
        "logging": Arg("str", "What is logged.", choices=["on", "off", "low", "medium", "high", "full"]),
        "insert": Arg("int", "Number that the rule gets."),
        "insert_relative_to": Arg("str", "From where that number counts.", default="zero", choices=_PLACES),
        "rule": Arg("str", "What happens to the packets.", choices=["allow", "deny", "limit", "reject"]),
        "log": Arg("bool", "Log new connections of the rule.", default=False),
        "from_ip": Arg("str", "Source.", default="any", aliases=["from", "src"]),
        "from_port": Arg("str", "Source port."),
        "to_ip": Arg("str", "Destination.", default="any", aliases=["dest", "to"]),
        "to_port": Arg("str", "Destination port.", aliases=["port"]),
        "proto": Arg("str", "Protocol.", choices=_PROTOCOLS, aliases=["protocol"]),
        "name": Arg("str", "Profile of an application.", aliases=["app"]),
        "delete": Arg("bool", "Remove the rule.", default=False),
        "interface": Arg("str", "Interface of the rule.", aliases=["if"]),
        "interface_in": Arg("str", "Interface by which packets come.", aliases=["if_in"]),
        "interface_out": Arg("str", "Interface by which packets go.", aliases=["if_out"]),
        "route": Arg("bool", "A rule for what is forwarded.", default=False),
        "comment": Arg("str", "Comment of the rule."),
    }
    exclusive = (("name", "proto", "logging"), ("direction", "interface_in"), ("direction", "interface_out"))
    required_by = {"interface": ("direction",)}
    one_of = (("default", "logging", "rule", "state"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Say each wish to ufw; what changed is seen from its status and its files."""
        _refuse(call)
        firewall = _Firewall(call)
        before, rules = firewall.status(), _stored()
        changed = False
        for wish in ("state", "logging", "default", "rule"):
            if call[wish] is not None:
                changed = getattr(firewall, wish)(call, before) or changed
        after = before if call.check else firewall.status()
        changed = changed or before != after or _stored() != rules
        return {"changed": changed, "commands": firewall.said, "msg": after.rstrip()}


def _refuse(call: Call) -> None:
    if call["rule"] and call["direction"] == "routed":
        raise Failure('For rules, direction must be "in" or "out"; use route=true for what is forwarded')
    if (call["interface_in"] and call["interface_out"]) and not call["route"]:
        raise Failure("Only route rules can combine interface_in and interface_out")


def _stored() -> str:
    """Return the rules as ufw keeps them."""
    return "".join(Files().text(path) or "" for path in _RULES)


class _Firewall:
    """ufw itself."""

    def __init__(self, call: Call) -> None:
        self._program = required("ufw", "ufw")
        self._check = call.check
        self.said: List[str] = []

    def status(self) -> str:
        """Return what ufw says of itself."""
        return text(must([self._program, "status", "verbose"], "ufw refuses").stdout)

    def _tell(self, words: List[str]) -> str:
        dry = ["--dry-run"] if self._check else []
        argv = [self._program, *dry, *words]
        self.said.append(" ".join(argv))
        return text(must(argv, "ufw refuses").stdout)

    def state(self, call: Call, before: str) -> bool:
        """Turn the firewall on or off."""
        active = "Status: active" in before
        wanted = call["state"]
        if wanted in ("enabled", "disabled") and active == (wanted == "enabled"):
            return False
        if not self._check:
            verb = {"enabled": "enable", "disabled": "disable", "reloaded": "reload", "reset": "reset"}[
                wanted
            ]
            self._tell(["-f", verb])
        return True

    def logging(self, call: Call, before: str) -> bool:
        """Set what is logged; the first of ufw's levels is what `on` means."""
        line = next((line for line in before.splitlines() if line.startswith("Logging:")), "")
        wanted = "on (low)" if call["logging"] == "on" else call["logging"]
        same = wanted == "off" and "off" in line if call["logging"] == "off" else wanted in line
        if not self._check:
            self._tell(["logging", call["logging"]])
        return self._check and not same

    def default(self, call: Call, before: str) -> bool:
        """Set the policy of a direction."""
        side = {"in": "incoming", "out": "outgoing"}.get(
            call["direction"] or "in", call["direction"] or "incoming"
        )
        line = next((line for line in before.splitlines() if line.startswith("Default:")), "")
        same = f"{call['default']} ({side})" in line
        if not self._check:
            self._tell(["default", call["default"], side])
        return self._check and not same

    def rule(self, call: Call, before: str) -> bool:
        """Add or remove a rule."""
        del before
        said = self._tell(rule_words(call, self._number(call)))
        return self._check and not all(
            "Skipping" in line or "Could not delete" in line for line in _tail(said)
        )

    def _number(self, call: Call) -> Optional[int]:
        """Return the number to insert at, None for at the end."""
        if call["insert"] is None or call["delete"]:
            return None
        if call["insert_relative_to"] == "zero":
            return int(call["insert"])
        listed = text(must([self._program, "status", "numbered"], "ufw refuses").stdout).splitlines()
        rules = [line for line in listed if line.startswith("[")]
        first6 = next((number for number, line in enumerate(rules, 1) if "(v6)" in line), len(rules) + 1)
        ends = {"first-ipv4": 1, "last-ipv4": first6 - 1, "first-ipv6": first6, "last-ipv6": len(rules)}
        number = int(ends[call["insert_relative_to"]]) + int(call["insert"])
        return None if number > len(rules) else max(number, 1)


def _tail(said: str) -> List[str]:
    """Return the lines of a dry run that are no rules file."""
    lines = [line for line in said.splitlines() if line.startswith(("Skipping", "Rule", "Could not"))]
    return lines or ["changed"]


def rule_words(call: Call, number: Optional[int]) -> List[str]:
    """Return what to say to ufw for a rule."""
    words = ["route"] if call["route"] else []
    words += ["delete"] if call["delete"] else []
    words += ["insert", str(number)] if number is not None else []
    words.append(call["rule"])
    if call["direction"] in _SIDES[:4]:
        words.append("in" if call["direction"].startswith("in") else "out")
    for name, before in (("interface", "on"), ("interface_in", "in on"), ("interface_out", "out on")):
        words += [*before.split(), call[name]] if call[name] else []
    words += ["log"] if call["log"] else []
    for name, before in (("from_ip", "from"), ("from_port", "port"), ("to_ip", "to"), ("to_port", "port")):
        words += [before, call[name]] if call[name] else []
    words += ["proto", call["proto"]] if call["proto"] else []
    words += ["app", call["name"]] if call["name"] else []
    words += ["comment", call["comment"]] if call["comment"] and not call["delete"] else []
    return words


MODULE = Ufw
