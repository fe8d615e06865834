from __future__ import annotations

from pathlib import Path

import pytest

from orchestr8.remote.modules.systemd import next_action
from orchestr8.remote.systemd_units import properties

# Keeps a unit's state in files, as systemd would, and writes down what it was told.
SYSTEMCTL = """#!/bin/sh
cd "$(dirname "$0")"
while [ "${1#--}" != "$1" ]; do shift; done
action=$1; shift; [ "$1" = -l ] && shift; [ "$1" = -- ] && shift
unit=$1
case $action in
  show) if [ "$unit" = web ]
        then printf 'LoadState=loaded\\nActiveState=%s\\nExecStart={ path=/x ;\\n y }\\n' "$(cat active)"
        else printf 'LoadState=not-found\\nActiveState=inactive\\n'; fi; exit 0;;
  is-enabled) [ "$unit" = web ] || { echo "Failed to get unit file state" >&2; exit 1; }
        cat enabled; grep -q '^enabled$' enabled; exit;;
esac
echo "$action $unit" >> log
case $action in
  start) [ -e broken ] && { echo "Job for web.service failed" >&2; exit 1; }; echo active > active;;
  stop) echo inactive > active;;
  enable) echo enabled > enabled;;
  disable|unmask) echo disabled > enabled;;
  mask) echo masked > enabled;;
esac
"""


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "systemctl").write_text(SYSTEMCTL)
    (tmp_path / "systemctl").chmod(0o755)
    (tmp_path / "active").write_text("inactive\n")
    (tmp_path / "enabled").write_text("disabled\n")
    (tmp_path / "log").touch()
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def told(folder: Path) -> list[str]:
    return (folder / "log").read_text().splitlines()


@pytest.mark.parametrize("module", ["systemd", "systemd_service", "service"])
def test_a_unit_is_started_and_enabled_once(apply, systemd: Path, module: str) -> None:
    wanted = {"name": "web", "state": "started", "enabled": True}
    if module == "service":
        wanted["use"] = "systemd"
    predicted = apply(module, check=True, **wanted)
    assert predicted["changed"] is True
    assert told(systemd) == []
    result = apply(module, **wanted)
    assert (result["changed"], result["state"], result["enabled"]) == (True, "started", True)
    assert result["status"]["LoadState"] == "loaded"
    assert told(systemd) == ["enable web", "start web"]
    assert apply(module, **wanted)["changed"] is False
    assert told(systemd) == ["enable web", "start web"]


def test_a_service_takes_what_systemd_does_where_that_runs_the_host(apply, systemd: Path) -> None:
    wanted = {"name": "web", "use": "systemd", "daemon_reload": True}
    assert apply("service", **wanted, state="restarted")["changed"] is True
    assert apply("service", name="web", use="systemd", masked=True)["changed"] is True
    assert told(systemd) == ["daemon-reload ", "start web", "mask web"]
    refused = apply("service", name="web", use="sysvinit", state="started", daemon_reload=True)
    assert refused["msg"].startswith("Unsupported parameters for (service) module: daemon_reload")


def test_masking(apply, systemd: Path) -> None:
    assert apply("systemd", name="web", masked=True)["changed"] is True
    assert apply("systemd", name="web", masked=True)["changed"] is False
    assert apply("systemd", name="web", masked=False)["changed"] is True
    assert told(systemd) == ["mask web", "unmask web"]


def test_restarts_always_act_and_start_what_is_stopped(apply, systemd: Path) -> None:
    assert apply("systemd", name="web", state="reloaded")["changed"] is True
    assert apply("systemd", name="web", state="restarted", daemon_reload=True)["changed"] is True
    assert apply("systemd", name="web", state="stopped")["changed"] is True
    assert apply("systemd", name="web", state="stopped")["changed"] is False
    assert told(systemd) == ["start web", "daemon-reload ", "restart web", "stop web"]


def test_failures_are_told(apply, systemd: Path) -> None:
    (systemd / "broken").touch()
    missing = apply("systemd", name="nope", state="started")
    assert missing["msg"] == "Could not find the requested service nope: host"
    assert apply("systemd", name="web", state="started")["msg"] == (
        "Unable to start service web: Job for web.service failed"
    )
    assert "glob patterns" in apply("systemd", name="we*", state="started")["msg"]
    assert "name" in apply("systemd", state="started")["msg"]


def test_a_unit_alone_is_asked_for_its_state(apply, systemd: Path) -> None:
    asked = apply("systemd", name="web")
    assert asked["changed"] is False
    assert "ActiveState" in asked["status"]


def test_no_systemctl(apply, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "no systemctl" in apply("systemd", name="web", state="started")["msg"]


def test_properties_in_several_lines() -> None:
    shown = "Id=web\nExecStart={ path=/x ;\n argv }\nDescription={odd\nNames=web\n"
    assert properties(shown) == {
        "Id": "web",
        "ExecStart": "{ path=/x ;\n argv }",
        "Description": "{odd",
        "Names": "web",
    }


@pytest.mark.parametrize(
    ("wanted", "active", "action"),
    [
        ("started", "active", None),
        ("started", "activating", None),
        ("started", "failed", "start"),
        ("stopped", "inactive", None),
        ("stopped", "deactivating", "stop"),
        ("restarted", "active", "restart"),
        ("reloaded", "active", "reload"),
        ("reloaded", "inactive", "start"),
    ],
)
def test_next_action(wanted: str, active: str, action: str | None) -> None:
    assert next_action(wanted, {"ActiveState": active}) == action
