"""What is right but written as of old in files of tasks, and how it is written today."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span
from orchestr8.language.splitting import Unbalanced, split
from orchestr8.language.syntax import Task

SHORT, WORDS, ASSIGNED, LOOP, NAMELESS, MODELESS = (
    "O8-1901", "O8-1902", "O8-1903", "O8-1904", "O8-1905", "O8-1906",
)  # fmt: skip
BOOL = "tag:yaml.org,2002:bool"
TRUE = ("yes", "on", "true")
_NAMED = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_INCLUDING = re.compile(r"import_|include_|meta$|include$")
_WRITERS = {"copy", "template", "get_url", "assemble"}

FullName = Callable[[str], "str | None"]


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to stand from one offset of a text up to another."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding about style, and the edits that mend it; none where that is the author's to decide."""

    finding: Diagnostic
    edits: tuple[Edit, ...] = ()


def remarks(text: str, tasks: Mapping[int, Task], full_name: FullName) -> Iterator[Remark]:
    """Yield what could be written better in a file; `tasks` by the line each begins in.

    full_name: gives an action's name with its collection.
    """
    file = next((task.span.file for task in tasks.values()), "")
    for node in nodes(root(text)):
        if isinstance(node, yaml.MappingNode) and (task := _begun(node, tasks)):
            yield from _Reader(text, node, task, full_name).remarks()
        elif isinstance(node, yaml.ScalarNode) and node.tag == BOOL and node.style is None:
            yield from _word(node, file)


def _begun(node: yaml.Node, tasks: Mapping[int, Task]) -> Task | None:
    """Return the task that a mapping is, None when it is something else."""
    task = tasks.get(node.start_mark.line + 1)
    return task if task is not None and task.span.column == node.start_mark.column + 1 else None


def _word(node: yaml.Node, file: str) -> Iterator[Remark]:
    """Yield a truth value that is a word of YAML 1.1."""
    now = "true" if node.value.lower() in TRUE else "false"
    if node.value != now:
        finding = _said(WORDS, f"the truth value `{node.value}`", node, f"write `{now}`", file)
        yield Remark(finding, (Edit(node.start_mark.index, node.end_mark.index, now),))


def _said(code: str, message: str, node: yaml.Node, hint: str, file: str) -> Diagnostic:
    mark, end = node.start_mark, node.end_mark
    width = end.column - mark.column if end.line == mark.line else 1
    span = Span(file, mark.line + 1, mark.column + 1, max(width, 1))
    return Diagnostic(code, message, span, hint, severity="warning")


def root(text: str) -> yaml.Node | None:
    """Return the tree of a file, None where it is not YAML or has several documents."""
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return None


def nodes(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """Yield a node and all below it."""
    if node is None:
        return
    yield node
    if isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from nodes(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from nodes(value)


def assigned(task: Task, value: yaml.Node) -> dict[str, str] | None:
    """Return the arguments that an action has as `key=value` words, None where they are something else."""
    if not isinstance(value, yaml.ScalarNode) or task.free_form is not None or task.args_template is not None:
        return None
    try:
        found = split(value.value, None)
    except Unbalanced:
        return None
    return {key: str(each) for key, each in found.named.items()} if found.named and not found.rest else None


def looped(key: str, value: yaml.Node) -> str | None:
    """Return what `loop` takes for the value of a `with_X`, "" for the same, None when that is no loop."""
    if key in ("with_items", "with_list") and isinstance(value, yaml.SequenceNode):
        scalars = all(isinstance(each, yaml.ScalarNode) and "{" not in each.value for each in value.value)
        return "" if scalars or key == "with_list" else None
    if key == "with_list":
        return ""
    named = _NAMED.fullmatch(value.value.strip()) if isinstance(value, yaml.ScalarNode) else None
    return f"{{{{ {named[1]} | dict2items }}}}" if key == "with_dict" and named else None


class _Reader:
    """Looks at one task."""

    def __init__(self, text: str, node: yaml.MappingNode, task: Task, full_name: FullName) -> None:
        self._text = text
        self._node = node
        self._task = task
        self._full_name = full_name
        self._keys = {key.value: (key, value) for key, value in node.value}

    def remarks(self) -> Iterator[Remark]:
        """Yield what could be written better in the task."""
        if self._task.written in self._keys:
            yield from self._action(*self._keys[self._task.written])
        for name, (key, value) in self._keys.items():
            if name.startswith("with_"):
                yield self._loop(key, value)
        if "name" not in self._keys and not _INCLUDING.match(self._task.action):
            yield Remark(self._said(NAMELESS, "a task without a name", self._node, "say what it is for"))

    def _said(self, code: str, message: str, node: yaml.Node, hint: str) -> Diagnostic:
        return _said(code, message, node, hint, self._task.span.file)

    def _action(self, key: yaml.Node, value: yaml.Node) -> Iterator[Remark]:
        full = self._full_name(self._task.action) if "." not in key.value else None
        if full is not None:
            finding = self._said(SHORT, f"the short name `{key.value}`", key, f"write `{full}`")
            yield Remark(finding, (Edit(key.start_mark.index, key.end_mark.index, full),))
        if (named := assigned(self._task, value)) is not None:
            yield Remark(
                self._said(ASSIGNED, "arguments as key=value", value, "write them as a mapping"),
                self._spread(key, value, named),
            )
        if self._task.action in _WRITERS and "mode" not in self._task.args:
            hint = "a new file gets what the umask of the host leaves"
            yield Remark(self._said(MODELESS, f"`{self._task.action}` without a mode", key, hint))

    def _spread(self, key: yaml.Node, value: yaml.Node, named: dict[str, str]) -> tuple[Edit, ...]:
        one_line = value.start_mark.line == value.end_mark.line == key.start_mark.line
        if self._node.flow_style or not one_line or "args" in self._keys:
            return ()
        margin = ("\r\n" if "\r\n" in self._text else "\n") + " " * (key.start_mark.column + 2)
        lines = "".join(f"{margin}{name}: {_scalar(each)}" for name, each in named.items())
        colon = self._text.index(":", key.end_mark.index) + 1
        return (Edit(colon, value.end_mark.index, lines),)

    def _loop(self, key: yaml.Node, value: yaml.Node) -> Remark:
        finding = self._said(LOOP, f"a loop by `{key.value}`", key, "write it as `loop`")
        now = looped(key.value, value)
        if now is None:
            return Remark(finding)
        edits = [Edit(key.start_mark.index, key.end_mark.index, "loop")]
        if now:
            edits.append(Edit(value.start_mark.index, value.end_mark.index, f'"{now}"'))
        return Remark(finding, tuple(edits))


def _scalar(text: str) -> str:
    """Return a text as YAML has it on one line."""
    written: str = yaml.safe_dump(text, allow_unicode=True, width=10**9)
    return written.removesuffix("\n").removesuffix("\n...")


def meaning(node: yaml.Node | None, tasks: Mapping[tuple[Any, ...], Task], full_name: FullName) -> Any:
    """Return what a tree says, whichever way its tasks are written; `tasks` by their paths in it."""
    return _meaning(node, (), tasks, full_name)


def _meaning(
    node: yaml.Node | None, path: tuple[Any, ...], tasks: Mapping[tuple[Any, ...], Task], full: FullName
) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_meaning(each, (*path, at), tasks, full) for at, each in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        pairs = enumerate(node.value)
        return [
            _pair(key, value, (*path, at), tasks.get(path), lambda n, p: _meaning(n, p, tasks, full), full)
            for at, (key, value) in pairs
        ]
    if node is None:
        return None
    return (node.tag, node.value.lower() in TRUE if node.tag == BOOL else node.value)


def _pair(
    key: yaml.Node, value: yaml.Node, path: tuple[Any, ...], task: Task | None, mean: Any, full: FullName
) -> Any:
    """Return what a key and its value say; those of tasks in the way of today."""
    name, said = key.value, mean(value, path)
    if task is None:
        return name, said
    if name in (task.written, full(task.action)):
        named = assigned(task, value)
        text = "tag:yaml.org,2002:str"
        return task.action, [(each, (text, v)) for each, v in named.items()] if named else said
    if isinstance(name, str) and name.startswith("with_") and (now := looped(name, value)) is not None:
        return "loop", ("tag:yaml.org,2002:str", now) if now else said
    return name, said


def paths(node: yaml.Node | None, tasks: Mapping[int, Task]) -> dict[tuple[Any, ...], Task]:
    """Return the tasks of a tree by their paths in it."""
    found: dict[tuple[Any, ...], Task] = {}
    _paths(node, (), tasks, found)
    return found


def _paths(
    node: yaml.Node | None, path: tuple[Any, ...], tasks: Mapping[int, Task], found: dict[Any, Task]
) -> None:
    if isinstance(node, yaml.SequenceNode):
        for at, each in enumerate(node.value):
            _paths(each, (*path, at), tasks, found)
    elif isinstance(node, yaml.MappingNode):
        if (task := _begun(node, tasks)) is not None:
            found[path] = task
        for at, (_, value) in enumerate(node.value):
            _paths(value, (*path, at), tasks, found)
