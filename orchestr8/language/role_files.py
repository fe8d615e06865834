"""The files of a role: `tasks/main.yml` and its like, with any of the endings Ansible takes."""

from __future__ import annotations

import os
from collections.abc import Mapping as Map
from typing import Protocol

from orchestr8.core.span import Mapping, Span
from orchestr8.language.schema import kind_of
from orchestr8.language.search import missing
from orchestr8.language.session import Session

_ENDINGS = (".yml", ".yaml", ".json", "")


class Choice(Protocol):
    """Which files of a role are wanted."""

    @property
    def parts(self) -> Map[str, str]:
        """Other names than `main`, by folder."""
        ...

    @property
    def span(self) -> Span:
        """Where the role is named."""
        ...


def _candidates(path: str, part: str, name: str) -> list[str]:
    return [os.path.normpath(os.path.join(path, part, name + ending)) for ending in _ENDINGS]


def _is_outside(file: str, path: str) -> bool:
    return not os.path.abspath(file).startswith(os.path.join(os.path.abspath(path), ""))


def find_main(path: str, part: str, choice: Choice | None, session: Session) -> str | None:
    """Return the main file (or the one chosen in its stead) of a role's folder; a chosen one has to exist."""
    chosen = choice.parts.get(part) if choice else None
    places = _candidates(path, part, chosen or "main")
    if chosen and choice and _is_outside(places[0], path):
        message = f"`{chosen}` cannot be loaded as it is not inside the expected role path: {path}"
        session.findings.error("O8-1402", message, choice.span)
        return None
    found = next((place for place in places if os.path.isfile(place)), None)
    if found is None and chosen and choice:
        diagnostic = missing(chosen, places, what=f"file of {part}")
        session.findings.error(diagnostic.code, diagnostic.message, choice.span, diagnostic.hint)
    return found


def read_variables(path: str, part: str, choice: Choice, session: Session) -> Mapping:
    """Return the variables of `vars` or `defaults`: of the main file, or of all files in a folder `main`."""
    tree = os.path.join(path, part, choice.parts.get(part) or "main")
    if os.path.isdir(tree):
        return _tree(tree, session)
    file = find_main(path, part, choice, session)
    return variables_of(file, session) if file else Mapping()


def _tree(tree: str, session: Session) -> Mapping:
    result = Mapping()
    for folder, folders, files in os.walk(tree):
        folders.sort()
        for name in sorted(files):
            if name.endswith((".yml", ".yaml", ".json")) and not name.startswith("."):
                found = variables_of(os.path.join(folder, name), session)
                result.update(found)
                result.key_spans.update(found.key_spans)
                result.value_spans.update(found.value_spans)
    return result


def variables_of(file: str, session: Session) -> Mapping:
    """Return the variables a file sets; anything but a mapping is noted."""
    value = session.document(file)
    if value is None:
        return Mapping()
    if not isinstance(value, Mapping):
        span = getattr(value, "span", None) or Span(file, 1, 1)
        session.findings.error(
            "O8-1102", f"a file of variables has to be a mapping, not {kind_of(value)}", span
        )
        return Mapping()
    return value
