"""Diagnostics are drawn with the line, a caret and a hint."""

from pathlib import Path

import pytest

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span
from orchestr8.report.diagnostics import ASCII, UNICODE, Frame, read_line, render


def line_of(text: str):  # type: ignore[no-untyped-def]
    return lambda file, line: text


def test_the_form() -> None:
    found = Diagnostic(
        "O8-1204", "module `file` has no argument `mod`", Span("a.yml", 14, 9, 3), "did you mean `mode`?"
    )
    assert render([found], UNICODE, line_of('        mod: "0750"')) == (
        "error[O8-1204]: module `file` has no argument `mod`\n"
        "  ──▶ a.yml:14:9\n"
        '14 │         mod: "0750"\n'
        "   │         ^^^\n"
        "   = hint: did you mean `mode`?\n\n"
        "1 error\n"
    )


def test_ascii_has_no_other_characters() -> None:
    found = Diagnostic("O8-1", "m", Span("a.yml", 1, 1), "h", notes=("n",))
    assert render([found], ASCII, line_of("text")).isascii()


def test_colours_only_when_asked_for() -> None:
    found = Diagnostic("O8-1", "m", Span("a.yml", 1, 1), severity="warning")
    assert "\x1b[" not in render([found], UNICODE, line_of("text"))
    assert "\x1b[1;33m" in render([found], Frame(colour=True), line_of("text"))


@pytest.mark.parametrize(
    ("errors", "warnings", "count"), [(1, 0, "1 error"), (2, 1, "2 errors, 1 warning"), (0, 2, "2 warnings")]
)
def test_the_count(errors: int, warnings: int, count: str) -> None:
    found = [Diagnostic("O8-1", "m")] * errors + [Diagnostic("O8-2", "m", severity="warning")] * warnings
    assert render(found).endswith(f"\n\n{count}\n")


def test_order_is_that_of_the_files() -> None:
    spans = [Span("b", 1), Span("a", 2, 5), Span("a", 2, 1), None]
    text = render([Diagnostic("O8-1", str(span), span) for span in spans], line_of=line_of("x"))
    places = [line.partition("]: ")[2] for line in text.splitlines() if line.startswith("error[")]
    assert places == ["a:2:1", "a:2:5", "b:1:1", "None"]


def test_nothing_found_is_nothing_said() -> None:
    assert render([]) == ""


def test_long_lines_are_cut_around_the_place() -> None:
    text = render(
        [Diagnostic("O8-1", "m", Span("a", 1, 5000, 4))], line_of=line_of("x" * 4999 + "here" + "y" * 5000)
    )
    line, caret = text.splitlines()[2:4]
    assert len(line) < 200
    assert line[caret.index("^") : caret.rindex("^") + 1] == "here"


def test_controls_of_a_file_do_not_reach_the_terminal() -> None:
    text = render([Diagnostic("O8-1", "m", Span("a", 1, 1))], line_of=line_of("\x1b[31mred\ttab"))
    assert "\x1b" not in text
    assert "?[31mred tab" in text


def test_lines_come_from_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("one\ntwo\n")
    assert read_line(str(path), 2) == "two\n"
    assert read_line(str(path), 9) is None
    assert read_line(str(tmp_path / "none"), 1) is None
