"""package: manages packages with whatever package manager the host has."""

from typing import Any, Dict

from orchestr8.remote import other_packages
from orchestr8.remote.facts.distribution import package_facts
from orchestr8.remote.facts.reading import Files
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.modules.apt import Apt

_OWN = {
    "name": Arg("list", "The packages.", required=True, elements="str", aliases=["pkg", "package"]),
    "state": Arg("str", "present, latest or absent.", default="present"),
    "use": Arg("str", "auto, or the package manager: apt, dnf, yum, apk.", default="auto"),
    "update_cache": Arg("bool", "Fetch the package lists first.", aliases=["update-cache"]),
}
_APTS = {
    name: Arg(arg.type, arg.doc, choices=arg.choices, aliases=arg.aliases, elements=arg.elements)
    for name, arg in Apt.args.items()
    if name not in _OWN
}
"""What the module apt takes beside; only what is given goes there."""


class Package(Module):
    """Installs, upgrades and removes packages by the host's own package manager."""

    name = "package"
    args = dict(_APTS, **_OWN)

    def run(self, call: Call) -> Dict[str, Any]:
        """Hand over to the package manager's module."""
        kind = call["use"] if call["use"] != "auto" else package_facts(Files())["pkg_mgr"]
        kind = kind.rpartition(".")[2]
        states = {"installed": "present", "removed": "absent"}
        state = states.get(call["state"], call["state"])
        if kind == "apt":
            return _by_apt(call, state)
        foreign = sorted(name for name in _APTS if call[name] is not None)
        if foreign:
            raise Failure(f"Unsupported parameters for ({kind}) module: {', '.join(foreign)}.")
        return other_packages.manage(kind, call, state)


def _by_apt(call: Call, state: str) -> Dict[str, Any]:
    module = Apt()
    choices = module.args["state"].choices or ()
    if state not in choices:
        raise Failure(f"value of state must be one of: {', '.join(choices)}, got: {state}")
    args = {key: arg.default for key, arg in module.args.items()}
    args.update({name: call[name] for name in _APTS if call[name] is not None})
    args.update(name=call["name"], state=state, update_cache=call["update_cache"])
    inner = Call(
        args,
        check=call.check,
        diff=call.diff,
        environ=call.environ,
        timeout=call.timeout,
        progress=call.progress,
    )
    inner.warnings = call.warnings
    return module.run(inner)


MODULE = Package
