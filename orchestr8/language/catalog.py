"""Which modules and actions exist, and what arguments each takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module

from orchestr8.language.own_modules import OwnModule, OwnModules
from orchestr8.remote.module import Arg, Module

_PREFIXES = ("ansible.builtin.", "ansible.legacy.", "orchestr8.builtin.")


@dataclass(frozen=True, slots=True)
class ModuleSpec:
    """What the controller knows of a module or action: canonical name, arguments, where it runs.

    controller: True for an action that runs on the controller (it may call modules of hosts itself).
    free: True when any argument name is allowed (set_fact, add_host …).
    checks_itself: True for an action that words the mistakes in rendered arguments itself.
    on_hosts: True when hosts have a module of the name, which an action on the controller may call.
    conditions: arguments that are conditions, evaluated by the action and never rendered before.
    own: the module of the user that this is.
    """

    name: str
    args: Mapping[str, Arg]
    free_form: str | None = None
    check_mode: bool = True
    controller: bool = False
    free: bool = False
    checks_itself: bool = False
    on_hosts: bool = False
    conditions: tuple[str, ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    required_if: tuple[tuple[str, object, tuple[str, ...]], ...] = ()
    required_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    doc: str = ""
    own: OwnModule | None = None


@dataclass(frozen=True)
class Catalog:
    """Finds specs by any accepted name; each is loaded when first asked for.

    sources: canonical name → loader of its spec. aliases: other accepted names → canonical name.
    own: the modules of users; one that is named as one of ours comes before it, as in Ansible.
    """

    sources: Mapping[str, Callable[[], ModuleSpec]]
    aliases: Mapping[str, str] = field(default_factory=dict)
    own: OwnModules = field(default_factory=OwnModules)
    _loaded: dict[str, ModuleSpec] = field(default_factory=dict, repr=False)

    def canonical(self, name: str) -> str | None:
        """Return the canonical name of a module, or None when there is none of that name."""
        for prefix in _PREFIXES:
            name = name.removeprefix(prefix)
        name = self.aliases.get(name, name)
        return name if name in self.sources else None

    def find(self, name: str) -> ModuleSpec | None:
        """Return the spec of a module by any accepted name, or None."""
        canonical = self.canonical(name)
        if canonical is not None and canonical not in self._loaded:
            self._loaded[canonical] = self.sources[canonical]()
        ours = self._loaded[canonical] if canonical is not None else None
        if ours is not None and (ours.controller or name.count(".") > 1):
            # An action of Ansible's stays itself; what we have of a collection needs none of its files.
            return ours
        theirs = self.own.find(name)
        if theirs is None and ours is None:
            theirs = self.own.anywhere(name)
        return ours if theirs is None else ModuleSpec(theirs.name, {}, free=True, own=theirs)

    def names(self) -> Iterable[str]:
        """Return every accepted name."""
        return [*self.sources, *self.aliases]


def remote_spec(name: str) -> ModuleSpec:
    """Return the spec of a module that is shipped to hosts."""
    module: type[Module] = import_module(f"orchestr8.remote.modules.{name}").MODULE
    return ModuleSpec(
        name=module.name,
        args=module.args,
        free_form=module.free_form,
        check_mode=module.check_mode,
        on_hosts=True,
        exclusive=tuple(module.exclusive),
        together=tuple(module.together),
        one_of=tuple(module.one_of),
        required_if=tuple(module.required_if),
        required_by=module.required_by,
        doc=module.__doc__ or "",
    )
