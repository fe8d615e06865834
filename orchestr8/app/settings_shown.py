"""What `o8 config` shows: every setting with its value and where it was set."""

from __future__ import annotations

import json
from typing import Any

from orchestr8.app.settings import Settings
from orchestr8.app.settings_table import SETTINGS


def rows(*, changed: bool) -> list[dict[str, Any]]:
    """Return the settings by name, or only those that are set somewhere."""
    settings = Settings()
    found = ((name, settings.find(name)) for name in sorted(SETTINGS))
    return [
        {"name": name, "value": each.value, "origin": each.origin}
        for name, each in found
        if not changed or each.origin != "default"
    ]


def as_text(settings: list[dict[str, Any]]) -> str:
    """Return one line a setting."""
    return "".join(f"{each['name']}({each['origin']}) = {each['value']}\n" for each in settings)


def as_json(settings: list[dict[str, Any]]) -> str:
    """Return the settings as JSON."""
    return json.dumps(settings, indent=4) + "\n"


def listed() -> list[dict[str, Any]]:
    """Return what every setting means and where it can be set."""
    return [
        {
            "name": name,
            "about": each.about,
            "type": each.kind,
            "default": each.default,
            "env": [f"ORCHESTR8_{name}", f"ANSIBLE_{name}", *each.variables],
            "ini": [{"section": section, "key": key} for section, key in each.places],
        }
        for name, each in sorted(SETTINGS.items())
    ]


def view() -> str:
    """Return the text of the configuration file that counts, or nothing."""
    file = Settings().file
    if file is None:
        return ""
    with open(file, encoding="utf-8") as stream:
        return stream.read()
