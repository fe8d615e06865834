"""firewalld: manages zones, services, ports and rules of firewalld."""

from typing import Any, Dict, List

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import must, required

_FORWARD = {
    "port": Arg("str", "Port to forward.", required=True),
    "proto": Arg("str", "Its protocol.", required=True, choices=["udp", "tcp"]),
    "toport": Arg("str", "Port it goes to.", required=True),
    "toaddr": Arg("str", "Address it goes to."),
}
_THINGS = ("service", "protocol", "port", "rich_rule", "source", "interface", "icmp_block")
_SWITCHES = {"icmp_block_inversion": "icmp-block-inversion", "forward": "forward", "masquerade": "masquerade"}


class Firewalld(Module):
    """Puts one thing into a zone of firewalld, or takes it out, now and for good."""

    name = "firewalld"
    args = {
        "service": Arg("str", "A service."),
        "protocol": Arg("str", "A protocol."),
        "port": Arg("str", "A port or range with its protocol, such as 80/tcp."),
        "port_forward": Arg("list", "A port to forward.", elements="dict", options=_FORWARD),
        "rich_rule": Arg("str", "A rule in firewalld's language."),
        "source": Arg("str", "A network."),
        "interface": Arg("str", "An interface."),
        "icmp_block": Arg("str", "A type of ICMP to block."),
        "icmp_block_inversion": Arg("bool", "Whether the blocks are turned round."),
        "zone": Arg("str", "The zone; firewalld's default without it."),
        "permanent": Arg("bool", "For good."),
        "immediate": Arg("bool", "Now; so too where it is not for good.", default=False),
        "state": Arg(
            "str",
            "Whether it is there; present and absent are for zones.",
            required=True,
            choices=["absent", "disabled", "enabled", "present"],
        ),
        "timeout": Arg("int", "Seconds after which it goes again.", default=0),
        "forward": Arg("bool", "Whether packets are forwarded within the zone."),
        "masquerade": Arg("bool", "Whether the zone's packets get its address."),
        "offline": Arg("bool", "With permanent, act even where firewalld does not run.", default=False),
        "target": Arg(
            "str", "What the zone does with the rest.", choices=["default", "ACCEPT", "DROP", "%%REJECT%%"]
        ),
    }
    exclusive = ((*_THINGS, "port_forward", *_SWITCHES, "target"),)
    required_by = {"interface": ("zone",), "target": ("zone",), "source": ("permanent",)}

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and act, once for now and once for good."""
        wish = _wish(call)
        immediate = call["immediate"] or not call["permanent"]
        online = run([required("firewall-cmd", "firewalld"), "--state"], parse=True).rc == 0
        if not online and (immediate and not (call["permanent"] and call["offline"])):
            raise Failure("firewall is not currently running, unable to perform immediate actions without it")
        program = required("firewall-cmd" if online else "firewall-offline-cmd", "firewalld")
        places = [["--permanent"] if online else []] if call["permanent"] else []
        places += [[]] if immediate and online else []
        changed = [place for place in places if _settle(call, [program, *place], wish)]
        msgs = [
            "Permanent operation" if place or not online else "Non-permanent operation" for place in places
        ]
        if changed:
            msgs.append(f"Changed {wish} to {call['state']}")
        return {"changed": bool(changed), "msg": ", ".join(msgs)}


def _wish(call: Call) -> str:
    given = [name for name in (*_THINGS, "port_forward", *_SWITCHES, "target") if call[name] is not None]
    if not given:
        if call["state"] in ("present", "absent") and call["zone"] and call["permanent"]:
            return "zone"
        raise Failure("nothing to do: name a service, port, source or the like, or a zone with permanent")
    if call["state"] in ("present", "absent") and given != ["target"]:
        raise Failure("absent and present state can only be used in zone level operations")
    return given[0]


def _settle(call: Call, base: List[str], wish: str) -> bool:
    """Ask whether it is so, and make it so; return whether it was not."""
    on = call["state"] in ("enabled", "present")
    if wish == "zone":
        there = call["zone"] in text(run([*base, "--get-zones"], parse=True).stdout).split()
        words = [f"--{'new' if on else 'delete'}-zone={call['zone']}"]
        return there != on and _do(call, base, words)
    zone = [f"--zone={call['zone']}"] if call["zone"] else []
    if wish == "target":
        wanted = call["target"] if on else "default"
        now = text(run([*base, *zone, "--get-target"], parse=True).stdout).strip()
        return now != wanted and _do(call, base, [*zone, f"--set-target={wanted}"])
    name, value = wish.replace("_", "-"), ""
    if wish in _SWITCHES:
        on = bool(call[wish]) == on
    else:
        value = "=" + (_forward(call) if wish == "port_forward" else call[wish])
        name = "forward-port" if wish == "port_forward" else name
    there = run([*base, *zone, f"--query-{name}{value}"], parse=True).rc == 0
    last = [f"--timeout={call['timeout']}"] if on and call["timeout"] and "--permanent" not in base else []
    return there != on and _do(call, base, [*zone, f"--{'add' if on else 'remove'}-{name}{value}", *last])


def _forward(call: Call) -> str:
    one = call["port_forward"][0]
    address = f":toaddr={one['toaddr']}" if one["toaddr"] else ""
    return f"port={one['port']}:proto={one['proto']}:toport={one['toport']}{address}"


def _do(call: Call, base: List[str], words: List[str]) -> bool:
    if not call.check:
        must([*base, *words], "firewalld refuses")
    return True


MODULE = Firewalld
