"""Filters that write and read JSON, YAML, base64 and URLs."""

from __future__ import annotations

import base64
import json
import unicodedata
import uuid
from datetime import date, datetime
from functools import cache
from typing import Any, Literal
from urllib.parse import unquote_plus, urlsplit

from orchestr8.core.secret import Secret
from orchestr8.core.vaulted import Unvaulted
from orchestr8.template.plain import plain
from orchestr8.template.secrets import holds_secret, reveal

_NAMESPACE = uuid.UUID("361E6D51-FAEC-444A-9079-341386DA8E2E")


def _json_value(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    raise TypeError(f"a {type(value).__name__} has no JSON form")


def _shown(value: Any) -> tuple[Any, bool]:
    settled = plain(value)
    return reveal(settled), holds_secret(settled)


def _kept(text: str, secret: bool) -> Any:  # noqa: FBT001
    return Secret(text) if secret else text


def to_json(value: Any, **options: Any) -> Any:
    """Return JSON; a secret when there is one inside."""
    options.pop("vault_to_text", None)
    options.pop("preprocess_unsafe", None)
    shown, secret = _shown(value)
    return _kept(json.dumps(shown, default=_json_value, **options), secret)


def to_nice_json(value: Any, indent: int = 4, sort_keys: bool = True, **options: Any) -> Any:  # noqa: FBT001, FBT002
    """Return JSON for people."""
    return to_json(value, indent=indent, sort_keys=sort_keys, separators=(",", ": "), **options)


def to_yaml(value: Any, **options: Any) -> Any:
    """Return YAML."""
    options.setdefault("allow_unicode", True)
    return _yaml(value, {"default_flow_style": None, **options})


def to_nice_yaml(value: Any, indent: int = 4, **options: Any) -> Any:
    """Return YAML for people."""
    return _yaml(value, {"allow_unicode": True, "default_flow_style": False, "indent": indent, **options})


def _yaml(value: Any, options: dict[str, Any]) -> Any:
    import yaml

    shown, secret = _shown(value)
    sealed = options.pop("dump_vault_tags", None) is not False
    text = yaml.dump(shown, Dumper=_dumper(sealed=sealed), **options)
    # A lone scalar needs no end where one YAML emitter writes it and the other does not.
    text = text if options.get("explicit_end") else text.removesuffix("...\n")
    return _kept(text, secret)


@cache
def _dumper(*, sealed: bool) -> Any:
    """Return what writes YAML; values that were encrypted are written so again, or open."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def unvaulted(self, text: Unvaulted) -> yaml.Node:
            if sealed:
                return self.represent_scalar("!vault", text.source.text, "|")
            return self.represent_str(str(text))

    Dumper.add_representer(Unvaulted, Dumper.unvaulted)
    return Dumper


def from_yaml(data: Any) -> Any:
    """Return the value of a YAML text."""
    import yaml

    try:
        return yaml.safe_load(data) if isinstance(data, str) else data
    except yaml.YAMLError as failure:
        raise ValueError(str(failure)) from failure


def from_yaml_all(data: Any) -> Any:
    """Return the values of all documents of a YAML text."""
    import yaml

    return list(yaml.safe_load_all(data)) if isinstance(data, str) else data or []


def b64encode(value: Any, encoding: str = "utf-8", **_: Any) -> str:
    """Return base64 of a text."""
    return base64.b64encode(str(value).encode(encoding, "surrogateescape")).decode()


def b64decode(value: Any, encoding: str = "utf-8", **_: Any) -> str:
    """Return the text of base64."""
    return base64.b64decode(value).decode(encoding, "surrogateescape")


def to_uuid(value: Any, namespace: Any = _NAMESPACE) -> str:
    """Return a UUID made from a text."""
    try:
        known = uuid.UUID(str(namespace))
    except ValueError as failure:
        raise ValueError(f"Invalid value '{namespace}' for 'namespace': {failure}") from None
    return str(uuid.uuid5(known, str(value)))


def split_url(value: Any, query: str = "", alias: str = "urlsplit") -> Any:
    """Return the parts of a URL, or one of them."""
    parts = urlsplit(value)
    names = ("fragment", "hostname", "netloc", "password", "path", "port", "query", "scheme", "username")
    found = {name: getattr(parts, name) for name in names}
    if not query:
        return found
    if query not in found:
        raise ValueError(f"{alias}: unknown URL component: {query}")
    return found[query]


def unicode_normalize(data: Any, form: Literal["NFC", "NFD", "NFKC", "NFKD"] = "NFC") -> str:
    """Return a text with its characters composed or decomposed, by a form of Unicode."""
    if not isinstance(data, str):
        raise TypeError(f"{type(data)} is not a valid input type")
    if form in ("NFC", "NFD", "NFKC", "NFKD"):
        return unicodedata.normalize(form, data)
    raise ValueError(f"{form} is not a valid form")


NAMES: dict[str, Any] = {
    "to_json": to_json,
    "to_nice_json": to_nice_json,
    "from_json": lambda text, **_: json.loads(text),
    "to_yaml": to_yaml,
    "to_nice_yaml": to_nice_yaml,
    "from_yaml": from_yaml,
    "from_yaml_all": from_yaml_all,
    "b64encode": b64encode,
    "b64decode": b64decode,
    "to_uuid": to_uuid,
    "urlsplit": split_url,
    "urldecode": unquote_plus,
    "unicode_normalize": unicode_normalize,
}
