from __future__ import annotations

from pathlib import Path

TEXT = "a=1\nb=1\n[x]\na=1\n[end]\na=1\n"


def test_it_replaces_every_match(apply, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(TEXT)
    args = {"path": str(path), "regexp": r"^(a)=1$", "replace": r"\1=2"}
    predicted = apply("replace", **args, check=True, diff=True)
    assert (predicted["changed"], path.read_text()) == (True, TEXT)
    assert predicted["diff"]["after"].count("a=2") == 3
    result = apply("replace", **args)
    assert (result["msg"], result["rc"]) == ("3 replacements made", 0)
    assert path.read_text() == TEXT.replace("a=1", "a=2")
    assert apply("replace", **args) == {"changed": False, "msg": "", "rc": 0}


def test_only_a_section_is_changed(apply, tmp_path: Path) -> None:
    path = tmp_path / "f"
    for limits, after in (
        ({"after": r"\[x\]", "before": r"\[end\]"}, "a=1\nb=1\n[x]\na=2\n[end]\na=1\n"),
        ({"after": r"\[x\]"}, "a=1\nb=1\n[x]\na=2\n[end]\na=2\n"),
        ({"before": r"\[x\]"}, "a=2\nb=1\n[x]\na=1\n[end]\na=1\n"),
    ):
        path.write_text(TEXT)
        assert apply("replace", path=str(path), regexp="a=1", replace="a=2", **limits)["changed"] is True
        assert path.read_text() == after
    unmatched = apply("replace", path=str(path), regexp="a", after="nowhere")
    assert unmatched["changed"] is False
    assert "did not match the given file" in unmatched["msg"]


def test_bytes_of_no_encoding_survive(apply, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"\xff a\n")
    assert apply("replace", path=str(path), regexp="a", replace="b")["changed"] is True
    assert path.read_bytes() == b"\xff b\n"
    path.write_bytes("é=1".encode("latin-1"))
    apply("replace", path=str(path), regexp="é", replace="è", encoding="latin-1")
    assert path.read_bytes() == "è=1".encode("latin-1")


def test_mistakes(apply, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("a")
    assert apply("replace", path=str(tmp_path / "no"), regexp="a")["rc"] == 257
    assert "not a valid regular expression" in apply("replace", path=str(path), regexp="(")["msg"]
    assert "Unable to process replace" in apply("replace", path=str(path), regexp="a", replace=r"\7")["msg"]
    assert "Unable to read" in apply("replace", path=str(path), regexp="a", encoding="no-such")["msg"]
