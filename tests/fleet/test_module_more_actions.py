"""Actions of the collections by the real command: a host's engine told and pruned, credentials, a reboot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bed import Fleet
from tests.module_host import played

pytestmark = pytest.mark.fleet

HOST = "h2"
VOLUME = "o8more-volume"
NOTE = "/tmp/o8more-boot"


def play(fleet: Fleet, folder: Path, *tasks: dict[str, Any]) -> list[dict[str, Any]]:
    return played(fleet.host(HOST), folder, *tasks)


def test_what_an_engine_has(fleet: Fleet, tmp_path: Path) -> None:
    name = {"name": VOLUME}
    told, _, volume, network, container, images, pruned, gone = play(
        fleet,
        tmp_path,
        {"community.docker.docker_host_info": {"networks": True, "volumes": True, "disk_usage": True}},
        {"docker_volume": name},
        {"docker_volume_info": name},
        {"docker_network_info": {"name": "bridge"}},
        {"docker_container_info": {"name": "o8more-none"}},
        {"docker_image_info": {"name": ["o8more-none"]}},
        {"docker_prune": {"volumes": True, "networks": True, "networks_filters": {"label": ["o8more"]}}},
        {"docker_volume_info": name},
    )
    assert told["can_talk_to_docker"] is True
    assert {"bridge", "host", "none"} <= {entry["Name"] for entry in told["networks"]}
    assert set(told["disk_usage"]) == {"LayersSize"}
    assert (volume["exists"], volume["volume"]["Name"]) == (True, VOLUME)
    assert network["network"]["Driver"] == "bridge"
    assert (container["exists"], container["container"]) == (False, None)
    assert images["images"] == []
    assert pruned["changed"] is True
    assert VOLUME in pruned["volumes"]
    assert gone["exists"] is False


def test_credentials_are_kept_once(fleet: Fleet, tmp_path: Path) -> None:
    path = f"{NOTE}-docker/config.json"
    given = {
        "registry": fleet.image("v1").split("/")[0],
        "username": "ann",
        "password": "secret word",
        "config_path": path,
    }
    first, again, out, left, _ = play(
        fleet,
        tmp_path,
        {"community.docker.docker_login": given},
        {"docker_login": given},
        {"docker_login": {**given, "state": "absent"}},
        {"command": f"stat -c %a:%s {path}"},
        {"file": {"path": f"{NOTE}-docker", "state": "absent"}},
    )
    assert (first["changed"], again["changed"], out["changed"]) == (True, False, True)
    assert first["login_result"]["username"] == "ann"
    assert left["stdout"].startswith("600:")


def test_a_reboot_is_one_when_the_host_says_so(fleet: Fleet, tmp_path: Path) -> None:
    told = {"boot_time_command": f"cat {NOTE} 2>/dev/null || echo first", "reboot_timeout": 15}
    later = f"sh -c '(sleep 0.5; echo second > {NOTE}) >/dev/null 2>&1 &'"
    done, refused, predicted, _ = play(
        fleet,
        tmp_path,
        {"ansible.builtin.reboot": {**told, "reboot_command": later}},
        {"reboot": {**told, "reboot_command": "false"}, "ignore_errors": True},
        {"reboot": {}, "check_mode": True},
        {"file": {"path": NOTE, "state": "absent"}},
    )
    assert (done["changed"], done["rebooted"]) == (True, True)
    assert refused["msg"].startswith("Reboot command failed.")
    assert (predicted["changed"], predicted["elapsed"]) == (True, 0)
