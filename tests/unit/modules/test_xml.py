"""xml, by the standard library: what it finds and changes, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TEXT = """\
<?xml version='1.0' encoding='UTF-8'?>
<!DOCTYPE server SYSTEM "server.dtd">
<!-- ours -->
<server port="80">
  <!-- kept -->
  <host name="a">one</host>
  <host name="b">two</host>
  <x:more xmlns:x="urn:more"><x:deep/></x:more>
</server>
"""
Apply = Callable[..., dict[str, Any]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "server.xml"
    path.write_text(TEXT)
    return path


@pytest.mark.parametrize(
    ("args", "before", "after"),
    [
        ({"xpath": "/server/host[@name='b']", "value": "2"}, ">two<", ">2<"),
        ({"xpath": "/server/@port", "value": "81"}, 'port="80"', 'port="81"'),
        ({"xpath": "//host", "attribute": "up", "value": "y"}, ' name="a"', ' name="a" up="y"'),
        ({"xpath": "/server/host[@name='a']", "state": "absent"}, '<host name="a">one</host>\n  ', ""),
        ({"xpath": "/server/host[@name='a']/@name", "state": "absent"}, ' name="a"', ""),
        ({"xpath": "/server/host[@name='b']/ip", "value": "::1"}, ">two<", ">two<ip>::1</ip><"),
        (
            {"xpath": "/server/x:more", "set_children": [{"x:deep": {"k": "v", "_": [{"x:a": "b"}]}}]},
            "<x:deep/>",
            '<x:deep k="v"><x:a>b</x:a></x:deep>',
        ),
    ],
)
def test_one_thing_is_changed_once_and_the_rest_stays(
    apply: Apply, file: Path, args: dict[str, Any], before: str, after: str
) -> None:
    assert apply("xml", path=str(file), check=True, **args)["changed"] is True
    assert file.read_text() == TEXT
    result = apply("xml", path=str(file), backup=True, **args)
    assert result["changed"] is True, result
    assert Path(result["backup_file"]).read_text() == TEXT
    assert apply("xml", path=str(file), **args)["changed"] is False
    wanted = TEXT
    wanted = wanted.replace(' xmlns:x="urn:more"', "").replace("<server ", '<server xmlns:x="urn:more" ')
    assert before in wanted
    wanted = wanted.replace(before, after)
    if args["xpath"] == "//host":
        wanted = wanted.replace(' name="b"', ' name="b" up="y"')
    assert file.read_text() == wanted


def test_children_are_added_in_and_beside(apply: Apply, file: Path) -> None:
    where = {"path": str(file), "xpath": "/server/host[@name='a']"}
    assert apply("xml", **where, add_children=["alias", {"ip": "::1"}])["changed"] is True
    assert '<host name="a">one<alias/><ip>::1</ip></host>' in file.read_text()
    apply("xml", **where, add_children=[{"host": {"name": "0"}}], insertbefore=True)
    names = apply("xml", path=str(file), xpath="/server/host", content="attribute")["matches"]
    assert [each["host"]["name"] for each in names] == ["0", "a", "b"]
    apply("xml", **where, add_children=["<note>x &amp; y</note>"], input_type="xml", insertafter=True)
    assert apply("xml", path=str(file), xpath="/server/note", content="text")["matches"] == [
        {"note": "x & y"}
    ]


def test_what_is_there_is_told(apply: Apply, file: Path) -> None:
    assert apply("xml", path=str(file), xpath="//host", count=True)["count"] == 2
    assert apply("xml", path=str(file), xpath="//host/@name", count=True)["count"] == 2
    assert apply("xml", path=str(file), xpath="//server", count=True)["count"] == 1
    assert apply("xml", path=str(file), xpath="/other", count=True)["count"] == 0
    told = apply("xml", path=str(file), xpath="/m:x/n", namespaces={"m": "urn:m"}, count=True)
    assert told["count"] == 0
    found = apply("xml", xmlstring="<a><b>1</b></a>", xpath="/a/b", content="text")
    assert found["matches"] == [{"b": "1"}]


def test_a_string_is_changed_and_printed(apply: Apply) -> None:
    result = apply("xml", xmlstring="<a><b>1</b><c><d/></c></a>", xpath="/a/b", value="2", pretty_print=True)
    body = "<a>\n  <b>2</b>\n  <c>\n    <d/>\n  </c>\n</a>\n"
    assert result["xmlstring"] == f"<?xml version='1.0' encoding='UTF-8'?>\n{body}"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"xpath": "/server/host[position() > 1]"}, "cannot be followed without lxml"),
        ({"xpath": "/server/y:more", "count": True}, "cannot be followed without lxml"),
        ({"xpath": "/server", "state": "absent"}, "the root element cannot be removed"),
        ({"xpath": "//nowhere", "value": "1"}, "Couldn't find or make the node at //nowhere"),
        ({"xpath": "/server", "add_children": [{"a": 1, "b": 2}]}, "Invalid child element"),
    ],
)
def test_what_cannot_be_done_is_said(apply: Apply, file: Path, args: dict[str, Any], said: str) -> None:
    result = apply("xml", path=str(file), **args)
    assert result.get("failed"), result
    assert said in result["msg"]
    assert file.read_text() == TEXT


def test_no_document_at_all(apply: Apply, tmp_path: Path) -> None:
    assert "does not exist" in apply("xml", path=str(tmp_path / "none.xml"), xpath="/a")["msg"]
    assert "Error while parsing" in apply("xml", xmlstring="<a>", xpath="/a")["msg"]
