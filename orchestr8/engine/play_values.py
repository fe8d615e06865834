"""A play's own keywords, rendered before any of its hosts is worked on, and the layers of its variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestr8.compile.settings import Settings
from orchestr8.core.errors import Diagnostic, InvalidInput, O8Error
from orchestr8.engine.host_state import HostState
from orchestr8.engine.keyword_values import Values
from orchestr8.engine.scopes import PlayLayers, Scopes, run_magic
from orchestr8.language.schema import has_template
from orchestr8.language.search import Search
from orchestr8.language.syntax import Play
from orchestr8.template.omit import OMIT
from orchestr8.template.scope import Scope

if TYPE_CHECKING:
    from orchestr8.engine.run import Means


_CALL = re.compile(r"[(|]")
"""What a name holds when its value may differ between hosts even though the play's variables give one."""


class PlayValues:
    """Renders what a play says of itself."""

    def __init__(self, means: Means, scopes: Scopes, play: Play) -> None:
        self._means = means
        self._scopes = scopes
        self._play = play
        magic = run_magic(means.options)
        own: list[Mapping[str, Any]] = [play.keywords.vars]
        self._of_hosts: list[list[Any]] = []
        self._guessed: list[Mapping[str, Any]] = []
        self.layers = PlayLayers(own, play.role_uses, magic)
        own.insert(0, self._prompts())
        for entry in play.vars_files:
            self.layers = PlayLayers(own, play.role_uses, magic)
            own.insert(0, self._first_of(list(entry) if isinstance(entry, list | tuple) else [entry]) or {})
        self.layers = PlayLayers(own, play.role_uses, magic)
        if self._of_hosts:
            self.layers.of_host = self._host_files
            self.layers.guessed = tuple(reversed(self._guessed))

    def render(self, value: Any) -> Any:
        """Return a keyword's value in the play's scope."""
        if value is None or isinstance(value, bool | int | float):
            return value
        rendered = self._means.templar.render(value, self._scopes.of_play(self.layers))
        return None if rendered is OMIT else rendered

    def settings(self) -> Settings:
        """Return what shapes the play's graph."""
        play, options = self._play, self._means.options
        values = Values(self._means.templar, self._scopes.of_play(self.layers))
        strategy = str(values.text(play.strategy) or options.strategy).rpartition(".")[2]
        force = options.force_handlers if play.force_handlers is None else values.flag(play.force_handlers)
        gather = values.flag(play.gather_facts, default=options.gathering != "explicit")
        return Settings(
            strategy=strategy,
            force_handlers=force,
            any_errors_fatal=values.flag(play.keywords.any_errors_fatal, default=options.any_errors_fatal),
            gather=gather,
            tags=options.tags,
            skip_tags=options.skip_tags,
            render=self._lenient,
        )

    def _lenient(self, value: Any) -> Any:
        """Render; a name or tag that only hosts' variables can fill in stays as it is written."""
        try:
            return self.render(value)
        except O8Error:
            return value

    def _prompts(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for prompt in self._play.vars_prompt:
            if prompt.name in self._means.options.extra_vars:
                continue
            if self._means.ask is not None:
                found[prompt.name] = self._means.ask(prompt)
            else:
                found[prompt.name] = prompt.options.get("default", "")
        return found

    def _first_of(self, choices: list[Any]) -> Mapping[str, Any] | None:
        search = Search(self._play.source, self._means.options.playbook_dir)
        if has_template(choices):
            # The name may depend on what is only known of a host; what can be told now serves the play.
            self._of_hosts.append(choices)
            self._tell(choices)
            return None
        for choice in choices:
            path = search.look(str(choice), "vars")
            if path is not None:
                return self._read(path)
        raise self._nowhere(choices)

    def _nowhere(self, choices: list[Any]) -> InvalidInput:
        message = f"there is no file of variables `{choices[0]}`"
        return InvalidInput(Diagnostic("O8-1402", message, self._play.span))

    def _tell(self, choices: list[Any]) -> None:
        names = [self._lenient(choice) for choice in choices]
        layer = self._first_for(choices, self._scopes.of_play(self.layers))
        if layer:
            self._guessed.append(layer)
        elif layer is None and not has_template(names) and not any(_CALL.search(str(c)) for c in choices):
            raise self._nowhere(names)

    def _host_files(self, host: HostState) -> tuple[Mapping[str, Any], ...]:
        """Return the files whose names depend on the host, as far as they can be told by now."""
        key = ("files", id(self._play))
        found = host.memo.get(key)
        if found is None:
            scope = self._scopes.of_host(host, self.layers.magic).over(*self.layers.base)
            layers = [self._first_for(choices, scope) for choices in reversed(self._of_hosts)]
            found = host.memo[key] = tuple(layer for layer in layers if layer)
        return found

    def _first_for(self, choices: list[Any], scope: Scope) -> Mapping[str, Any] | None:
        search = Search(self._play.source, self._means.options.playbook_dir)
        for choice in choices:
            try:
                path = search.look(str(self._means.templar.render(choice, scope)), "vars")
            except O8Error:
                return None
            if path is not None:
                return self._read(path)
        return None

    def _read(self, path: str) -> Mapping[str, Any] | None:
        document = self._means.loader.files.read(path)
        errors = [each for each in document.diagnostics if each.severity == "error"]
        if errors:
            raise InvalidInput(*errors)
        return document.value if isinstance(document.value, Mapping) else None
