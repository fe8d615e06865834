"""Files are read and parsed once, as long as they hold the same."""

from __future__ import annotations

from orchestr8.language.files import Files


def test_what_many_hosts_read_is_parsed_once() -> None:
    files = Files()
    first = files.parse(b"a: 1\n", "x.yml")
    assert files.parse(b"a: 1\n", "x.yml") is first
    assert (first.value, first.text) == ({"a": 1}, "")
    assert files.parse(b"a: 2\n", "x.yml").value == {"a": 2}
    assert files.parse(b"a: 1\n", "y.yml") is not first


def test_what_cannot_be_parsed_keeps_its_text_for_the_message() -> None:
    assert Files().parse(b"a: [\n", "x.yml").text == "a: [\n"
