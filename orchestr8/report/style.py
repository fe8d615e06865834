"""How results are written out: JSON, YAML, or texts as their programs wrote them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import indent
from typing import Any

from orchestr8.report.wording import dump, plain_value, visible

_SPOKEN = ("module_stdout", "module_stderr", "stdout", "stderr", "msg")
_PLAIN = (str, int, float, bool, type(None), list, dict)


@dataclass(frozen=True, slots=True)
class Style:
    """What readers chose of Ansible's output.

    form: json, yaml or spoken (texts stand below the result). pretty: spread JSON over lines; None: where it
    is usual. margin: blanks before YAML. skipped, ok: whether hosts that end so are shown. aside: failures go
    where warnings go. path: failures name their file. context: lines around differences.
    """

    form: str = "json"
    pretty: bool | None = None
    margin: int = 4
    skipped: bool = True
    ok: bool = True
    aside: bool = False
    path: bool = False
    context: int = 3

    def text(self, result: Mapping[str, Any], *, wide: bool, verbose: bool) -> str:
        """Return a result; `wide` spreads JSON over lines, `verbose` shows the invocation too."""
        if self.form == "yaml":
            return "\n" + indent(_yaml(visible(result, verbose=verbose), self.margin), " " * self.margin)
        if self.form == "spoken":
            return _spoken(result, verbose=verbose)
        spread = wide if self.pretty is None else self.pretty
        return dump(result, indent=4 if spread else None, verbose=verbose)


def _spoken(result: Mapping[str, Any], *, verbose: bool) -> str:
    """Return a result as JSON without the texts in it, and each text as it is below."""
    texts = {name: result[name] for name in _SPOKEN if isinstance(result.get(name), str)}
    left = {name: value for name, value in result.items() if name.removesuffix("_lines") not in texts}
    parts = [dump(left, indent=4, verbose=verbose)]
    parts += [f"\n\n{name.upper()}:\n\n{text}\n" for name, text in texts.items() if text]
    return "".join(parts).rstrip("\n")


def _yaml(result: dict[str, Any], margin: int) -> str:
    """Return YAML in blocks; lines that stand in a text already are left out."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, _data: Any) -> bool:
            return True

        def text(self, value: str) -> yaml.Node:
            lines = "\n" in value.rstrip() or "\n" in value
            return self.represent_scalar(
                "tag:yaml.org,2002:str", _block(value) if lines else value, "|" if lines else None
            )

    Dumper.add_representer(str, Dumper.text)
    for name in ("stdout", "stderr"):
        if name in result and f"{name}_lines" in result:
            result[f"{name}_lines"] = "<omitted>"
    text = yaml.dump(
        _bare(result), Dumper=Dumper, allow_unicode=True, default_flow_style=False, indent=margin, width=1000
    )
    return text.rstrip("\n")


def _block(text: str) -> str:
    """Return a text as a block of YAML can hold it."""
    return re.sub(r" +\n", "\n", re.sub(r"[\x00-\x08\x0b-\x1f]", "", text.rstrip().expandtabs()))


def _bare(value: Any) -> Any:
    """Return a value of plain types: secrets masked, what YAML does not know as text."""
    if isinstance(value, Mapping):
        return {str(key): _bare(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_bare(each) for each in value]
    if type(value) not in _PLAIN:
        value = str(value) if isinstance(value, str) else plain_value(value)
    return value
