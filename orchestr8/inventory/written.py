"""An inventory's values as JSON, YAML and TOML text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

import yaml

from orchestr8.core.secret import Secret
from orchestr8.core.span import Text
from orchestr8.core.vaulted import Vaulted

MASK = "********"
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def to_json(value: Any) -> str:
    """Return JSON, indented, with sorted keys."""
    text = json.dumps(value, indent=4, sort_keys=True, default=plain, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # bytes that are no text travel as lone surrogates; JSON can escape them
        return json.dumps(value, indent=4, sort_keys=True, default=plain)
    return text


def marked(value: Any) -> Any:
    """Return a variable's value for JSON: what is encrypted, and a text that is no template, are marked."""
    if isinstance(value, Mapping):
        return {str(key): marked(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [marked(each) for each in value]
    if isinstance(value, Vaulted):
        return {"__ansible_vault": value.text}
    if isinstance(value, str):
        return str(value) if isinstance(value, Text) else {"__ansible_unsafe": value}
    if isinstance(value, (date, time)):
        return value.isoformat()
    return plain(value)


def plain(value: Any) -> Any:
    """Return a value as JSON has it: secrets masked, what JSON does not know as text."""
    if isinstance(value, Secret):
        return MASK
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


class _Dumper(yaml.SafeDumper):
    """Writes what a YAML inventory may hold."""

    def ignore_aliases(self, data: Any) -> bool:
        return isinstance(data, (str, int, float, bool, type(None)))


def _as_vault(dumper: yaml.SafeDumper, value: Vaulted) -> yaml.Node:
    return dumper.represent_scalar("!vault", value.text, style="|")


def _as_text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_str(str(value))


def _as_map(dumper: yaml.SafeDumper, value: Mapping[str, Any]) -> yaml.Node:
    return dumper.represent_dict(dict(value))


def _as_list(dumper: yaml.SafeDumper, value: Any) -> yaml.Node:
    return dumper.represent_list(list(value))


_Dumper.add_representer(Vaulted, _as_vault)
_Dumper.add_representer(Secret, lambda dumper, _: dumper.represent_str(MASK))
_Dumper.add_multi_representer(str, _as_text)
_Dumper.add_multi_representer(dict, _as_map)
_Dumper.add_multi_representer(list, _as_list)


def to_yaml(value: Any) -> str:
    """Return YAML in block style."""
    return yaml.dump(value, Dumper=_Dumper, default_flow_style=False, allow_unicode=True)


def to_toml(value: Mapping[str, Any]) -> str:
    """Return TOML; mappings below lists are written inline."""
    return "\n".join(_tables(value, ())).lstrip("\n") + "\n"


def _tables(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    deeper = {name: each for name, each in table.items() if isinstance(each, Mapping)}
    here = {name: each for name, each in table.items() if name not in deeper and each is not None}
    if path and (here or not deeper):
        yield ""
        yield f"[{'.'.join(map(_key, path))}]"
    yield from (f"{_key(name)} = {_inline(each)}" for name, each in here.items())
    for name, each in deeper.items():
        yield from _tables(each, (*path, str(name)))


def _key(name: Any) -> str:
    return str(name) if _BARE.fullmatch(str(name)) else _quoted(str(name))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (int, datetime, date, time)):
        return value.isoformat() if isinstance(value, (date, time)) else str(value)
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(k)} = {_inline(v)}" for k, v in value.items() if v is not None)
        return f"{{ {pairs} }}"
    if isinstance(value, (list, tuple, set)):
        return f"[{', '.join(_inline(each) for each in value if each is not None)}]"
    return _quoted(value.text if isinstance(value, Vaulted) else str(plain(value)))
