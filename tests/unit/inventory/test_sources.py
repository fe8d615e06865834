from __future__ import annotations

from pathlib import Path

import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.core.span import Text
from orchestr8.inventory.dump import Shown, as_graph, as_list, merged
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.sources import load

INI = """\
# a comment
alpha ansible_host=10.0.0.1 x=1 y="a b" z='[1,2]' w=True q=yes # comment
beta[01:03].example.com:2222
[2001:db8::1]:22
[web]
web[1:3] role=front
gamma[a:c]
num[0:10:5]
[web:vars]
http_port=8080
name="quoted"
raw=a b c
hash=a#b
tmpl={{ http_port }}
[db:children]
web
other
[other]
db1
"""


def loaded(tmp_path: Path, text: str, name: str = "hosts") -> Inventory:
    path = tmp_path / name
    path.write_text(text)
    return load([str(path)])


def variables(inventory: Inventory, name: str) -> dict[str, object]:
    host = inventory.host(name)
    assert host is not None
    return merged(inventory, host)


def test_ini_hosts_ranges_and_values(tmp_path: Path) -> None:
    inventory = loaded(tmp_path, INI)
    assert list(inventory.hosts)[:5] == [
        "alpha",
        "beta01.example.com",
        "beta02.example.com",
        "beta03.example.com",
        "2001:db8::1",
    ]
    assert variables(inventory, "alpha") == {
        "ansible_host": "10.0.0.1",
        "q": "yes",
        "w": True,
        "x": 1,
        "y": "a b",
        "z": [1, 2],
    }
    assert variables(inventory, "beta02.example.com") == {"ansible_port": 2222}
    assert variables(inventory, "num5") == {
        "hash": "a#b",
        "http_port": 8080,
        "name": "quoted",
        "raw": "a b c",
        "tmpl": "{{ http_port }}",
    }


def test_ini_groups(tmp_path: Path) -> None:
    listed = as_list(Shown(loaded(tmp_path, INI)))
    assert listed["all"] == {"children": ["ungrouped", "db"]}
    assert listed["db"] == {"children": ["web", "other"]}
    assert listed["web"]["hosts"] == [
        "web1",
        "web2",
        "web3",
        "gammaa",
        "gammab",
        "gammac",
        "num0",
        "num5",
        "num10",
    ]
    assert listed["_meta"]["hostvars"]["web1"]["role"] == "front"


def test_texts_know_their_place_and_may_be_templates(tmp_path: Path) -> None:
    group = loaded(tmp_path, INI).groups["web"]
    assert isinstance(group.vars["tmpl"], Text)
    assert group.vars["tmpl"].span is not None
    assert (group.vars["tmpl"].span.line, group.vars.key_spans["raw"].line) == (14, 12)


YAML = """\
all:
  hosts:
    m1: {a: 1}
    m[2:3]:
  vars: {g: 1}
  children:
    c1:
      hosts: {m1: , n1: }
      vars: {v: 1}
      children:
        c2:
          hosts: o1
"""


def test_yaml_groups(tmp_path: Path) -> None:
    for name in ("hosts.yml", "hosts"):
        inventory = loaded(tmp_path, YAML, name)
        assert list(inventory.hosts) == ["m1", "m2", "m3", "n1", "o1"]
        assert variables(inventory, "m1") == {"a": 1, "g": 1, "v": 1}
        assert inventory.group_names(inventory.hosts["o1"]) == ["c1", "c2"]
        assert inventory.group_names(inventory.hosts["m2"]) == ["ungrouped"]


def test_graph(tmp_path: Path) -> None:
    assert as_graph(Shown(loaded(tmp_path, "a\n[web]\nb x=1\n[top:children]\nweb\n")), variables=True) == (
        "@all:\n  |--@ungrouped:\n  |  |--a\n  |--@top:\n  |  |--@web:\n  |  |  |--b\n  |  |  |  |--{x = 1}"
    )


def test_comma_lists() -> None:
    inventory = load(["a:2222,b,", "c[1:2],"])
    assert list(inventory.hosts) == ["a", "b", "c1", "c2"]
    assert inventory.hosts["a"].vars == {"ansible_port": 2222}


SCRIPT = """\
#!/bin/sh
if [ "$1" = --list ]; then
  echo '{"web": {"hosts": ["a", "b"], "vars": {"p": "{{ q }}"}}, "old": ["c"]%s}'
else
  echo '{"me": "'$2'"}'
fi
"""


def test_programs(tmp_path: Path) -> None:
    path = tmp_path / "inv.sh"
    path.write_text(SCRIPT % "")
    path.chmod(0o755)
    inventory = load([str(path)])
    assert variables(inventory, "a") == {"me": "a", "p": "{{ q }}"}
    assert isinstance(inventory.groups["web"].vars["p"], Text)
    path.write_text(SCRIPT % ', "_meta": {"hostvars": {"c": {"x": [1, {"y": "z"}]}}}')
    assert variables(load([str(path)]), "c") == {"x": [1, {"y": "z"}]}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("exit 3", "status 3"),
        ("echo nonsense", "no JSON"),
        ("echo '[]'", "JSON object"),
        ("sleep 50", "did not end within 0.2 s"),
    ],
)
def test_programs_that_fail(body: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "inv.sh"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    with pytest.raises(InvalidInput, match=message):
        load([str(path)], timeout=0.2 if body.startswith("sleep") else 60)


def test_folders_of_sources(tmp_path: Path) -> None:
    (tmp_path / "01.ini").write_text("[web]\na x=1\n")
    (tmp_path / "02.yml").write_text("web: {hosts: {b: {x: 2}}}\n")
    (tmp_path / "notes.txt").write_text("nonsense [\n")
    (tmp_path / "old.ini.bak").write_text("[[[\n")
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "web.yml").write_text("y: 3\n")
    inventory = load([str(tmp_path)])
    assert variables(inventory, "b") == {"x": 2, "y": 3}
    assert [host.name for host in inventory.groups["web"].members()] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("h[1:99999999]\n", "1:1: error[O8-1502]: the range [1:99999999] would give 99999999 hosts"),
        ("h[1:1000][1:1000][1:1000]\n", "1:1: error[O8-1502]"),
        ("h[5:1]\n", "runs backwards"),
        ("-oProxyCommand=x\n", "1:1: error[O8-1502]: `-oProxyCommand=x` is no name for a host or group"),
        ("$(id)\n", "1:1: error[O8-1502]"),
        ("x" * 300 + "\n", "longer than 253"),
        ("a\n..\n", "2:1: error[O8-1502]"),
        ("a:99999\n", "the port 99999 does not exist"),
        ("a foo\n", "1:3: error[O8-1501]: expected key=value"),
        ("a b='x\n", "1:1: error[O8-1501]: the host line cannot be read"),
        ("[x:foo]\n", "1:1: error[O8-1501]: section [x:foo] has unknown type"),
        ("[x:vars]\na=1\n", "1:1: error[O8-1504]: section [x:vars] is for an undefined group"),
        ("[x:children]\ny\n", "2:1: error[O8-1504]: the group `y` is included here but never defined"),
        (
            "[a:children]\nb\n[b:children]\nc\n[c:children]\na\n",
            "6:1: error[O8-1503]: the group `a` would contain",
        ),
        ("[a:children]\nb\n[b:children]\nc\n[c:children]\na\n", "a → b → c → a"),
        ("[a:children]\na\n", "a → a"),
    ],
)
def test_mistakes_in_ini(text: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        loaded(tmp_path, text)
    assert expected in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        loaded(tmp_path, "a b\n$x\n[c:foo]\n")
    assert [problem.span.line for problem in caught.value.diagnostics if problem.span] == [1, 2, 3]


def test_mistakes_in_yaml(tmp_path: Path) -> None:
    text = "all:\n  hosts:\n    a: 1\n  chidren: {}\n  vars: []\n"
    with pytest.raises(InvalidInput) as caught:
        loaded(tmp_path, text, "hosts.yml")
    lines = [str(problem).removeprefix(str(tmp_path)) for problem in caught.value.diagnostics]
    assert lines == [
        "/hosts.yml:3:5: error[O8-1501]: the variables of the host `a` have to be a mapping",
        (
            "/hosts.yml:4:3: warning[O8-1501]: `chidren` is no part of a group; it has vars, children, hosts"
            " (hint: did you mean `children`?)"
        ),
        "/hosts.yml:5:3: error[O8-1501]: `vars` has to be a mapping",
    ]


def test_a_missing_source_and_an_unsupported_plugin(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("a\n")
    with pytest.raises(InvalidInput, match="did you mean `hosts`"):
        load([str(tmp_path / "host")])
    with pytest.raises(InvalidInput, match="no inventory plugin `consructed`"):
        loaded(tmp_path, "plugin: consructed\n", "x.yml")


def test_deep_groups_load(tmp_path: Path) -> None:
    text = "\n".join(f"[g{i}:children]\ng{i + 1}" for i in range(2000)) + "\n[g2000]\nh\n"
    inventory = loaded(tmp_path, text)
    assert inventory.groups["g2000"].depth == 2001
    assert [host.name for host in inventory.select("g0")] == ["h"]


def test_a_file_may_say_more_of_groups_of_the_files_before_it(tmp_path: Path) -> None:
    (tmp_path / "1.ini").write_text("[web]\nh1\n")
    (tmp_path / "2.ini").write_text("[web:vars]\nport=80\n[site:children]\nweb\n")
    inventory = load([str(tmp_path)])
    assert variables(inventory, "h1")["port"] == 80
    assert "h1" in [host.name for host in inventory.select("site")]
