"""One evaluation of a template in a scope: finds variables and renders them when they are looked at."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from orchestr8.core.span import Mapping, Sequence, Span, Text, span_of
from orchestr8.core.vaulted import Vaulted, VaultError
from orchestr8.template.errors import CYCLE, template_error
from orchestr8.template.lazy import LazyDict, LazyList
from orchestr8.template.merging import summed
from orchestr8.template.omit import OMIT
from orchestr8.template.scope import Scope

if TYPE_CHECKING:
    from orchestr8.template.templar import Templar

ABSENT: Any = object()
_DEPTH = 60
_DICTS = frozenset((dict, Mapping))
_LISTS = frozenset((list, tuple, Sequence))


class Active(threading.local):
    """The templates a thread is in the middle of: (scope, text) → name and place."""

    def __init__(self) -> None:
        self.stack: dict[tuple[int, int], tuple[str, Span | None]] = {}


class Run:
    """Renders variables of one scope, each name once."""

    __slots__ = ("memo", "scope", "stack", "templar")

    def __init__(self, templar: Templar, scope: Scope) -> None:
        self.templar = templar
        self.scope = scope
        self.memo: dict[str, Any] = {"omit": OMIT}
        self.stack = templar.active.stack

    def lookup(self, name: str) -> Any:
        """Return the rendered value of a variable, or ABSENT."""
        memo = self.memo
        if name in memo:
            return memo[name]
        for layer in self.scope.layers:
            if name in layer:
                raw = summed(name, self.scope.layers) if self.templar.merging else layer[name]
                value = memo[name] = self.resolve(raw, name)
                return value
        if name == "vars":
            # Everything there is under one name, for plays that look variables up by names they work out.
            memo[name] = self.templar.variables(self.scope)
            return memo[name]
        return ABSENT

    def resolve(self, raw: Any, name: str = "") -> Any:
        """Return the value of `raw`: templates rendered, containers wrapped so that they render lazily."""
        kind = type(raw)
        if kind is Text:
            return self.text(raw, name) if "{" in raw else raw
        if kind in _DICTS:
            return LazyDict(raw, self)
        if kind in _LISTS:
            return LazyList(raw, self)
        return self._unvaulted(raw) if kind is Vaulted else raw

    def _unvaulted(self, raw: Vaulted) -> Any:
        """Return an encrypted value's plaintext; one that cannot be opened is an error once it is needed."""
        try:
            return self.templar.vault.reveal(raw)
        except VaultError as error:
            from orchestr8.template.undefined import Undecryptable

            return Undecryptable(raw, error)

    def text(self, raw: str, name: str = "") -> Any:
        """Return what a template's text is worth."""
        program = self.templar.program(raw)
        if program is None:
            return raw
        key = (id(self.scope), id(raw))
        stack = self.stack
        if key in stack or len(stack) > _DEPTH:
            raise self._cycle(key, name, raw)
        stack[key] = (name, span_of(raw))
        try:
            return program.run(self)
        finally:
            del stack[key]

    def _cycle(self, key: tuple[int, int], name: str, raw: str) -> Exception:
        keys = list(self.stack)
        loop = keys[keys.index(key) :] if key in self.stack else keys[-3:]
        links = [self.stack[each] for each in loop]
        names = [link[0] for link in links if link[0]] + [name]
        notes = tuple(f"`{link[0]}` is set at {link[1]}" for link in links if link[0] and link[1])
        chain = " → ".join(names)
        message = "Recursive loop detected in template"
        if key not in self.stack:
            return template_error(CYCLE, f"{message}: templates nested too deeply: … {chain}", span_of(raw))
        return template_error(CYCLE, f"{message}: {chain}", span_of(raw), notes=notes)
