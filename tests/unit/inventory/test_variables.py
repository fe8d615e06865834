from __future__ import annotations

from pathlib import Path

import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.inventory.dump import merged
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.sources import load

HOSTS = """\
[web]
a v=host
b
[web:vars]
v=web
[top:children]
web
[top:vars]
v=top
[all:vars]
v=all
"""


def project(tmp_path: Path) -> Inventory:
    files = {
        "inv/hosts": HOSTS,
        "inv/group_vars/all.yml": "v: gv_all\nonly_all: 1\n",
        "inv/group_vars/web/main.yml": "v: gv_web\n",
        "inv/group_vars/web/more.yaml": "more: 1\n",
        "inv/group_vars/web/notes.txt": "nonsense: [",
        "inv/host_vars/a.json": '{"v": "hv_a"}',
        "play/group_vars/all": "v: play_all\n",
        "play/host_vars/b.yml": "v: play_b\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load([str(tmp_path / "inv" / "hosts")], playbook_dirs=[str(tmp_path / "play")])


def test_layers_come_weakest_first(tmp_path: Path) -> None:
    inventory = project(tmp_path)
    layers = inventory.layers_for(inventory.hosts["a"])
    assert [layer["v"] for _, layer in layers if "v" in layer] == [
        "all",
        "top",
        "web",
        "gv_all",
        "play_all",
        "gv_web",
        "host",
        "hv_a",
    ]
    assert [Path(str(origin.source)).name for origin, _ in layers][-2:] == ["inventory host a", "a.json"]


def test_the_strongest_layer_wins(tmp_path: Path) -> None:
    inventory = project(tmp_path)
    assert merged(inventory, inventory.hosts["a"]) == {"v": "hv_a", "only_all": 1, "more": 1}
    assert merged(inventory, inventory.hosts["b"])["v"] == "play_b"


def test_hosts_of_the_same_groups_share_layers(tmp_path: Path) -> None:
    inventory = project(tmp_path)
    first, second = (inventory.layers_for(inventory.hosts[name]) for name in "ab")
    assert first[0][1] is second[0][1]


def test_priority_decides_between_groups_of_one_depth(tmp_path: Path) -> None:
    text = "[a]\nh\n[b]\nh\n[a:vars]\nx=a\nansible_group_priority=10\n[b:vars]\nx=b\n"
    (tmp_path / "hosts").write_text(text)
    inventory = load([str(tmp_path / "hosts")])
    assert merged(inventory, inventory.hosts["h"])["x"] == "a"


def test_a_file_of_variables_has_to_be_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("a\n")
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text("- 1\n")
    with pytest.raises(InvalidInput, match="has to be a mapping"):
        load([str(tmp_path / "hosts")])
