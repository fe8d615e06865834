"""Finds variables that nothing defines, and templates that cannot be parsed, before any host is contacted."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from operator import itemgetter

from orchestr8.compile.definitions import UNKNOWN, Definitions, ReadVariables, collect
from orchestr8.compile.reserved import reserved
from orchestr8.compile.specified import misfits
from orchestr8.compile.uses import LineOf, expression, locate, template, template_file, texts
from orchestr8.core.errors import Diagnostic, O8Error
from orchestr8.core.span import Mapping, Span, Text
from orchestr8.core.suggest import did_you_mean
from orchestr8.language.schema import has_template
from orchestr8.language.syntax import Keywords, Loop, Play, Playbook, Task
from orchestr8.language.walking import Around, tasks_of
from orchestr8.template.analysis import Analysis, Unknown, Use
from orchestr8.template.plugins.shelf import Plugins

BRACED = "O8-1310"
"""What is noted of a condition in braces."""
NAMELESS = "O8-1308"
"""What is noted of a filter or test that nobody knows."""
_BARE = {"assert": ("that",), "debug": ("var",)}
_SURROUNDED = "Conditionals should not be surrounded by templating delimiters such as {{ }} or {% %}."
_BARE_CONDITION = "a condition is an expression already: leave the braces out"
_SINGLE = re.compile(r"(?<![=!<>])=(?!=)")
_BRACES = "text with braces that is no template needs the tag `!unsafe`"
_DICT = frozenset(dir(dict))
_NOBODY = "undefined"
"""The name by which people say in their templates that there is no value: `default=undefined`."""
_DELIMITERS = (
    "block_start_string", "block_end_string", "variable_start_string", "variable_end_string",
    "comment_start_string", "comment_end_string",
)  # fmt: skip

ReadTemplate = Callable[[Task, Around, Play], tuple[str, str] | None]
"""Returns path and text of the file that a `template` task renders, when it is known."""


@dataclass(frozen=True, slots=True)
class Sources:
    """How the check reads what the playbook names: template files, files of variables, lines, plugins."""

    template: ReadTemplate
    variables: ReadVariables
    line: LineOf
    plugins: Plugins = field(default_factory=Plugins)


def check_references(
    playbook: Playbook,
    known: Iterable[str],
    sources: Sources,
    *,
    partial: bool = False,
    idle: Callable[[Play], bool] = lambda _play: False,
) -> tuple[Diagnostic, ...]:
    """Return every variable that nothing defines and every template that cannot be parsed.

    known: the names the inventory defines for any host. partial: something could not be read. idle: tells
    of a play whether the inventory has no host for it. What may not run, or is expected to fail, is only
    warned of; so is everything when further names may come from somewhere nobody can foresee.
    """
    definitions = collect(playbook, known, sources.variables)
    if partial:
        definitions.dynamic.insert(0, "what could not be read")
    check = _Check(definitions, sources, playbook)
    check.found.update(dict.fromkeys(reserved(definitions.layers.values())))
    # What both kinds of plays render is looked at once, and strictly.
    for unused, play in sorted(((idle(play), play) for play in playbook.plays), key=itemgetter(0)):
        for task, around in tasks_of(play, playbook.foreseen):
            check.task(task, around, play, idle=unused)
    return tuple(check.found)


class _Check:
    """Looks at every text of every task once."""

    def __init__(self, definitions: Definitions, sources: Sources, playbook: Playbook) -> None:
        self.found: dict[Diagnostic, None] = {}
        self._definitions = definitions
        self._sources = sources
        self._followed: set[str] = set()
        self._files: set[str] = set()
        self._playbook = playbook
        self._spared = False
        self._warned: set[str] = set()
        self._near: dict[str, str | None] = {}

    def task(self, task: Task, around: Around, play: Play, *, idle: bool) -> None:
        """Check what one task evaluates."""
        mild = around.spared or around.conditional or idle
        self._spared = around.spared
        for misfit in misfits(task, self._definitions):
            self._note(misfit, mild=mild, open_ended="nothing defines" in misfit.message)
        guarded = self._guarded(around)
        for text in _templates(task):
            self._text(text, template(text), guarded, mild=mild)
        for index, text in enumerate(_conditions(around.keywords)):
            if has_template(text) and text.strip().startswith(("{{", "{%")):
                self._note(Diagnostic(BRACED, _SURROUNDED, text.span, _BARE_CONDITION), mild=True)
            # Later conditions are only looked at when the ones before hold.
            self._text(text, expression(text), guarded, mild=around.spared or idle or index > 0)
        for text in _expressions(task):
            # `debug: var=` shows that there is no such variable.
            self._text(text, expression(text), guarded, mild=mild or task.action == "debug")
        for words in around.keywords:
            for text in _syntax_only(words):
                self._variable(text)
        if task.loop and task.loop.kind != "loop":
            self._unknown_loop(task.loop, mild=mild or around.spared)
        if task.action == "template":
            self._file(task, around, play, guarded, mild=mild)

    def _variable(self, text: Text) -> None:
        """A broken template in a variable hurts only whoever uses it."""
        problem = template(text).problem
        if problem:
            where = locate(text, problem.line, 1, "", self._sources.line)
            self._note(Diagnostic("O8-1301", f"template: {problem.message}", where, _BRACES), mild=True)

    def _guarded(self, around: Around) -> frozenset[str]:
        names: set[str] = set()
        for words in around.keywords:
            for condition in words.when:
                if isinstance(condition, str):
                    names.update(use.name for use in expression(condition).uses if use.guarded)
        return frozenset(names)

    def _text(self, text: Text, analysis: Analysis, guarded: frozenset[str], *, mild: bool) -> None:
        if self._problem(text, analysis, mild=mild):
            return
        place = functools.partial(_in_text, text, self._sources.line)
        for use in analysis.uses:
            # `ternary` evaluates only the value it chooses.
            self._use(use, place, guarded, mild=mild or use.branched or "ternary" in text)

    def _problem(self, text: Text, analysis: Analysis, *, mild: bool) -> bool:
        line_of = self._sources.line
        for unknown in analysis.unknown:
            self._unknown(unknown, locate(text, unknown.line, 1, unknown.name, line_of), mild=mild)
        if analysis.problem is None:
            return False
        where = locate(text, analysis.problem.line, 1, "", line_of)
        hint = _BRACES if "{" in text else _slip(text)
        message = f"template: {analysis.problem.message}"
        self._note(Diagnostic("O8-1301", message, where, hint), mild=self._spared)
        return True

    def _file(self, task: Task, around: Around, play: Play, guarded: frozenset[str], *, mild: bool) -> None:
        found = self._sources.template(task, around, play)
        options = {name: task.args[name] for name in _DELIMITERS if name in task.args}
        if found is None or found[0] in self._files or has_template(options):
            return
        path, text = found
        self._files.add(path)
        try:
            analysis = template_file(text, tuple(sorted((k, str(v)) for k, v in options.items())))
        except O8Error as error:
            for each in error.diagnostics:
                self._note(replace(each, span=each.span or Span(path, 1)), mild=mild)
            return
        for unknown in analysis.unknown:
            self._unknown(unknown, Span(path, unknown.line), mild=mild)
        if analysis.problem:
            span = Span(path, analysis.problem.line)
            self._note(Diagnostic("O8-1301", f"template: {analysis.problem.message}", span), mild=mild)
        for use in analysis.uses:
            self._use(use, functools.partial(_in_file, path), guarded, mild=mild or use.branched)

    def _unknown(self, unknown: Unknown, span: Span | None, *, mild: bool) -> None:
        """Note a filter or test that neither is built in nor stands in a plugin's file."""
        plugins = self._sources.plugins
        if not plugins.mentions(unknown.kind, unknown.name):
            mild = mild or plugins.any(unknown.kind)
            self._note(_unknown(unknown.kind, unknown.name, span), mild=mild)

    def _unknown_loop(self, loop: Loop, *, mild: bool) -> None:
        """Note a loop over what no lookup finds."""
        from orchestr8.template.plugins.shape import LOOKUP
        from orchestr8.template.tables import lookup_names

        plugins, known = self._sources.plugins, lookup_names()
        bare = loop.kind.removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")
        if bare in known or "." in bare or plugins.mentions(LOOKUP, loop.kind):
            return
        hint = did_you_mean(f"with_{bare}", [f"with_{name}" for name in known])
        message = f"there is no loop `with_{bare}`, as there is no lookup `{bare}`"
        self._note(Diagnostic("O8-1308", message, loop.span, hint), mild=mild or plugins.any(LOOKUP))

    def _use(
        self, use: Use, place: Callable[[Use, str], Span | None], guarded: frozenset[str], *, mild: bool
    ) -> None:
        known = self._definitions
        if use.guarded or use.name in guarded or use.name == _NOBODY:
            return
        if known.knows(use.name):
            self._attribute(use, place, mild=mild)
            self._follow(use.name, mild=mild)
        elif use.name not in known.asked:
            # A name in many places is compared with all the others once.
            if use.name not in self._near:
                self._near[use.name] = did_you_mean(use.name, known.values)
            hint = self._near[use.name]
            message = f"the variable `{use.name}` is nowhere defined"
            self._note(Diagnostic("O8-1401", message, place(use, use.name), hint), mild=mild, open_ended=True)

    def _attribute(self, use: Use, place: Callable[[Use, str], Span | None], *, mild: bool) -> None:
        value = self._definitions.only(use.name)
        for index, part in enumerate(use.path):
            if not isinstance(value, Mapping) or has_template(list(value)) or part in _DICT:
                return
            if part not in value:
                name = ".".join((use.name, *use.path[:index]))
                keys = ", ".join(f"`{key}`" for key in list(value)[:8])
                note = (f"`{name}` has {keys}; set at {value.span}",) if value.span else ()
                hint = did_you_mean(part, map(str, value))
                where = place(use.at(index), part)
                found = Diagnostic("O8-1401", f"`{name}` has no `{part}`", where, hint, notes=note)
                self._note(found, mild=mild, open_ended=True)
                return
            value = value[part]

    def _follow(self, name: str, *, mild: bool) -> None:
        """Look into the value of a variable that is defined once: whoever uses it uses what is in it."""
        value = self._definitions.only(name)
        if value is UNKNOWN or name in self._followed or mild:
            return
        self._followed.add(name)
        for text in texts(value):
            self._text(text, template(text), frozenset(), mild=mild)

    def _note(self, diagnostic: Diagnostic, *, mild: bool, open_ended: bool = False) -> None:
        if open_ended and self._spared:
            return
        dynamic = self._definitions.dynamic if open_ended else []
        if open_ended and (mild or dynamic):
            # What may be all right is worth one line, not one for every use.
            if diagnostic.message in self._warned:
                return
            self._warned.add(diagnostic.message)
        if dynamic:
            diagnostic = replace(diagnostic, notes=(*diagnostic.notes, f"unless it comes from {dynamic[0]}"))
        if mild or dynamic:
            diagnostic = replace(diagnostic, severity="warning")
        if replace(diagnostic, severity="error") not in self.found:
            self.found[diagnostic] = None


def _in_text(text: Text, line_of: LineOf, use: Use, word: str) -> Span | None:
    return locate(text, use.line, use.column, word, line_of)


def _in_file(path: str, use: Use, word: str) -> Span:
    return Span(path, use.line, use.column, len(word))


def _slip(condition: str) -> str | None:
    """Return what is often meant by a condition that cannot be parsed."""
    if any(quote in condition for quote in "‘’“”„"):
        return "write straight quotes: ' or \""
    if any(condition.count(quote) % 2 for quote in "'\""):
        return "a quote is not closed"
    return "`==` compares" if _SINGLE.search(condition) else None


def _unknown(kind: str, name: str, span: Span | None) -> Diagnostic:
    from orchestr8.template.tables import filter_table, test_table

    known = (filter_table() if kind == "filter" else test_table()).names()
    hint = did_you_mean(name, known)
    if kind == "filter" and name in test_table().names():
        hint = f"it is a test: `is {name}`"
    return Diagnostic(NAMELESS, f"there is no {kind} `{name}`", span, hint)


def _templates(task: Task) -> Iterator[Text]:
    bare = _BARE.get(task.action, ())
    yield from texts([value for name, value in task.args.items() if name not in bare])
    yield from texts([task.free_form, task.args_template, task.keywords.environment])
    words = task.keywords
    yield from texts([words.become, words.become_user, words.delegate_to, words.no_log, words.check_mode])
    yield from texts([task.retries, task.delay])
    if task.loop:
        yield from texts(task.loop.items)


def _conditions(keywords: Iterable[Keywords]) -> Iterator[Text]:
    for words in keywords:
        yield from texts(words.when)


def _expressions(task: Task) -> Iterator[Text]:
    for name in _BARE.get(task.action, ()):
        yield from texts(task.args.get(name))
    for conditions in (task.until, task.changed_when, task.failed_when):
        yield from texts(conditions)


def _syntax_only(words: Keywords) -> Iterator[Text]:
    yield from texts([words.name, words.vars])
