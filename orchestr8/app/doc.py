"""What `o8 doc` shows of modules, taken from the code that checks their arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orchestr8.app.catalog import Actions, catalog
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.suggest import did_you_mean
from orchestr8.language.catalog import Catalog, ModuleSpec
from orchestr8.remote.module import Arg

_WIDTH = 78


def modules() -> Catalog:
    """Return every module there is."""
    return catalog(Actions())


def listed(known: Catalog) -> dict[str, str]:
    """Return every module's name and what it does, sorted."""
    return {name: _about(known.find(name)) for name in sorted(known.sources)}


def _about(spec: ModuleSpec | None) -> str:
    return (spec.doc.strip().split("\n")[0] if spec else "") or ""


def found(known: Catalog, name: str) -> ModuleSpec:
    """Return a module; raise InvalidInput when there is none."""
    spec = known.find(name)
    if spec is None:
        hint = did_you_mean(name, known.names())
        raise InvalidInput(Diagnostic("O8-1201", f"there is no module `{name}`", hint=hint))
    return spec


def as_data(spec: ModuleSpec) -> dict[str, Any]:
    """Return what is known of a module as JSON values."""
    return {
        "schema": "orchestr8.module/1",
        "name": spec.name,
        "about": spec.doc.strip(),
        "runs_on": "controller" if spec.controller else "host",
        "check_mode": spec.check_mode,
        "free_form": spec.free_form,
        "arguments": {name: _argument(arg) for name, arg in _arguments(spec.args)},
        "rules": list(_rules(spec)),
        "example": example(spec),
    }


def _arguments(args: Mapping[str, Arg]) -> list[tuple[str, Arg]]:
    """Return arguments by name, without those that our own actions pass on."""
    return [(name, arg) for name, arg in sorted(args.items()) if not name.startswith("_")]


def _argument(arg: Arg) -> dict[str, Any]:
    data: dict[str, Any] = {"type": arg.type, "about": arg.doc, "required": arg.required}
    if arg.default is not None:
        data["default"] = arg.default
    for name in ("choices", "aliases", "elements"):
        if getattr(arg, name, None):
            data[name] = getattr(arg, name)
    if isinstance(arg.options, Mapping) and arg.options:
        data["options"] = {name: _argument(each) for name, each in sorted(arg.options.items())}
    return data


def _rules(spec: ModuleSpec) -> Iterator[str]:
    yield from (f"only one of {_or(names)}" for names in spec.exclusive)
    yield from (f"{_or(names, 'and')} belong together" for names in spec.together)
    yield from (f"one of {_or(names)} is needed" for names in spec.one_of)
    for key, value, names, *_ in spec.required_if:
        yield f"{key}={value} needs {_or(names, 'and')}"
    yield from (f"{key} needs {_or(names, 'and')}" for key, names in spec.required_by.items())


def _or(names: tuple[str, ...], word: str = "or") -> str:
    return f", {word} ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def example(spec: ModuleSpec) -> str:
    """Return a task with the arguments that are needed, and a value that each may have."""
    lines = [f"- name: {_about(spec).rstrip('.') or spec.name}", f"  {spec.name}:"]
    needed = [name for name, arg in spec.args.items() if arg.required]
    needed += [names[0] for names in spec.one_of if not set(names) & set(needed)]
    if not needed and spec.free_form:
        return f"{lines[0]}\n  {spec.name}: …\n"
    lines += [f"    {name}: {_sample(spec.args[name])}" for name in needed if name in spec.args]
    return "\n".join(lines if needed else [lines[0], f"  {spec.name}:"]) + "\n"


def _sample(arg: Arg) -> str:
    if arg.choices:
        return str(arg.choices[0])
    return {"int": "1", "float": "1.5", "bool": "true", "list": "[…]", "dict": "{…}", "path": "/path"}.get(
        arg.type, "…"
    )


def as_text(spec: ModuleSpec) -> str:
    """Return a module's page."""
    return "\n".join(_page(spec)) + "\n"


def _page(spec: ModuleSpec) -> Iterator[str]:
    where = "on the controller" if spec.controller else "on hosts"
    check = "" if spec.check_mode else "; does nothing in check mode"
    yield f"> {spec.name}"
    yield ""
    yield from _wrapped(spec.doc.strip() or "(no description)", "  ")
    yield f"  Runs {where}{check}."
    yield ""
    yield "ARGUMENTS"
    if spec.free:
        yield "  any name"
    for name, arg in _arguments(spec.args):
        yield from _entry(name, arg, "  ")
    yield from (f"  * {rule}" for rule in _rules(spec))
    yield ""
    yield "EXAMPLE"
    yield from (f"  {line}" for line in example(spec).rstrip().split("\n"))
    yield ""
    yield "RETURNS"
    yield "  changed, failed, msg, and what the module found; `o8 exec … --json` shows it all."


def _entry(name: str, arg: Arg, indent: str) -> Iterator[str]:
    facts = [arg.type + (f" of {arg.elements}" if getattr(arg, "elements", None) else "")]
    if arg.required:
        facts.append("required")
    if arg.default is not None:
        facts.append(f"default: {arg.default}")
    if arg.choices:
        facts.append("choices: " + ", ".join(map(str, arg.choices)))
    if arg.aliases:
        facts.append("aliases: " + ", ".join(arg.aliases))
    yield f"{indent}{'=' if arg.required else '-'} {name}  ({'; '.join(facts)})"
    if arg.doc:
        yield from _wrapped(arg.doc, indent + "    ")
    for inner, each in sorted((arg.options or {}).items()):
        yield from _entry(inner, each, indent + "    ")


def _wrapped(text: str, indent: str) -> list[str]:
    import textwrap

    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += textwrap.wrap(paragraph.strip(), _WIDTH, initial_indent=indent, subsequent_indent=indent)
    return lines
