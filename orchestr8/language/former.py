"""Words that the language had once, and what says the same now."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from orchestr8.core.span import Mapping

WORD, MODULE = "O8-1101", "O8-1201"
"""What is noted of a keyword, and of a module, that nobody knows: a former one names its successor."""
_KEYWORDS = {"sudo": "become", "sudo_user": "become_user", "sudo_exe": "become_exe"}
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_NOW = re.compile(r"it is `(\w+)` now")


def former(word: str, known: Collection[str]) -> str | None:
    """Return a hint that names the successor of a keyword, if it had one that is `known` where it stands."""
    now = _KEYWORDS.get(word)
    return is_now(now) if now and now in known else None


def former_include(task: Mapping, thing: Any) -> str:
    """Return a hint for `include`: it was static where its name was, and stood in no loop."""
    if not isinstance(thing, str) or len(_TEMPLATE.sub("", f"x{thing}").split()) != 1:
        return "use `include_tasks`, or `import_tasks` for a file that is read before the run"
    loops = any(str(key) == "loop" or str(key).startswith("with_") for key in task)
    return is_now("include_tasks" if loops or "{" in thing else "import_tasks")


def is_now(word: str) -> str:
    """Return the hint that a word is written otherwise now."""
    return f"it is `{word}` now"


def successor(hint: str | None) -> str | None:
    """Return the word that a hint of `is_now` names."""
    found = _NOW.fullmatch(hint or "")
    return found[1] if found else None
