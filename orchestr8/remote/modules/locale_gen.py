"""locale_gen: has locales generated on the host."""

import os
import re
from typing import Any, Dict, List

from orchestr8.remote.facts.reading import Files
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import must, required
from orchestr8.remote.text_file import TextFile

LIST = "/etc/locale.gen"
SUPPORTED = "/usr/share/i18n/SUPPORTED"
_LINE = re.compile(r"^\s*#?\s*(?P<name>\S+[._\S]+) (?P<charset>\S+)\s*$")


class LocaleGen(Module):
    """Generates locales, or removes them."""

    name = "locale_gen"
    args = {
        "name": Arg("list", "The locales, such as de_DE.UTF-8.", required=True, elements="str"),
        "state": Arg("str", "Whether they are there.", default="present", choices=["absent", "present"]),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare the list and what was generated with what is wanted."""
        if not os.path.exists(LIST):
            raise Failure(f'{LIST} is missing. Is the package "locales" installed?')
        file = TextFile(LIST)
        missing = [name for name in call["name"] if name not in _known(file.lines)]
        if missing:
            listed = ", ".join(missing)
            raise Failure(
                f"The following locales you have entered are not available on your system: {listed}"
            )
        there = _generated()
        present = call["state"] == "present"
        changed = any((_plain(name) in there) != present for name in call["name"])
        out: Dict[str, Any] = {"changed": changed, "name": call["name"], "mechanism": "glibc"}
        edited = _edited(file.lines, call["name"], present=present)
        if file.settle(call, edited, out) or changed:
            out["changed"] = True
            if not call.check:
                must([required("locale-gen", "locales")], "locale-gen failed")
        return out


def _known(lines: List[str]) -> List[str]:
    supported = (Files().text(SUPPORTED) or "").splitlines()
    found = [_LINE.match(line) for line in [*lines, *supported]]
    return [match.group("name") for match in found if match]


def _generated() -> List[str]:
    return [_plain(line) for line in text(run(["locale", "-a"], parse=True).stdout).split()]


def _plain(name: str) -> str:
    """Return a locale's name as `locale -a` spells it: the charset in small letters without a dash."""
    base, dot, charset = name.partition(".")
    charset, at, modifier = charset.partition("@")
    return base + dot + charset.lower().replace("-", "") + at + modifier


def _edited(lines: List[str], names: List[str], *, present: bool) -> List[str]:
    then, seen = [], set()
    for line in lines:
        found = _LINE.match(line)
        if found is None or found.group("name") not in names:
            then.append(line)
            continue
        entry = f"{found.group('name')} {found.group('charset')}"
        if present:
            seen.add(found.group("name"))
            then.append(line if not line.lstrip().startswith("#") else entry)
        else:
            then.append(line if line.lstrip().startswith("#") else f"# {entry}")
    if present:
        then += [_supported(name) for name in names if name not in seen]
    return then


def _supported(name: str) -> str:
    for line in (Files().text(SUPPORTED) or "").splitlines():
        if line.split(" ")[0] == name:
            return line.strip()
    return f"{name} {name.partition('.')[2] or 'ISO-8859-1'}"


MODULE = LocaleGen
