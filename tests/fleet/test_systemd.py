"""Modules on a host that systemd runs: its units, its names, its time zone, and its boots."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed import Host
from tests.module_host import Run, calling, played, twice

UNITS = {
    "o8web.service": "[Service]\nExecStart=/bin/sleep 600\nExecReload=/bin/true\n"
    "[Install]\nWantedBy=multi-user.target\nAlias=o8www.service\n",
    "o8broken.service": "[Service]\nType=oneshot\nExecStart=/bin/false\n",
    "o8many@.service": "[Service]\nExecStart=/bin/sleep 600\n[Install]\nWantedBy=multi-user.target\n",
    "o8often.timer": "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n",
    "o8often.service": "[Service]\nType=oneshot\nExecStart=/bin/true\n",
}
SCRIPT = """#!/bin/sh
### BEGIN INIT INFO
# Provides: o8old
# Required-Start:
# Required-Stop:
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
### END INIT INFO
case $1 in
start) touch /run/o8old ;;
stop) rm -f /run/o8old ;;
status) test -e /run/o8old ;;
esac
"""
FILES = {
    **{f"/lib/systemd/system/{name}": text for name, text in UNITS.items()},
    "/usr/lib/systemd/user/o8own.service": UNITS["o8many@.service"],
    "/etc/init.d/o8old": SCRIPT,
}
WRITE = """
import json, os, sys
for path, text in json.load(sys.stdin).items():
    with open(path, "w") as stream:
        stream.write(text)
    os.chmod(path, 0o755 if text.startswith("#!") else 0o644)
"""
WIPE = """
systemctl stop 'o8*' 2>/dev/null
find /etc/systemd /lib/systemd /usr/lib/systemd /etc/init.d /etc/rc?.d /run/o8old -name '*o8*' -delete
systemctl daemon-reload
systemctl reset-failed
"""


@pytest.fixture(scope="module")
def run(booted: Host) -> Iterator[Run]:
    with calling(booted, timeout=60) as call:
        yield call


def said(host: Host, *argv: str) -> str:
    return host.exec(argv).stdout.strip()


@pytest.fixture
def units(booted: Host) -> Iterator[Host]:
    booted.exec(["python3", "-c", WRITE], stdin=json.dumps(FILES))
    booted.exec(["systemctl", "daemon-reload"])
    yield booted
    booted.exec(["sh", "-c", WIPE])


@pytest.mark.parametrize("module", ["systemd_service", "service"])
def test_a_unit_is_started_enabled_and_restarted(run: Run, units: Host, module: str) -> None:
    result = twice(run, module, name="o8web", state="started", enabled=True)
    assert (result["state"], result["enabled"], result["name"]) == ("started", True, "o8web")
    assert said(units, "systemctl", "is-enabled", "o8web") == "enabled"
    assert said(units, "systemctl", "is-active", "o8web") == "active"
    before = said(units, "systemctl", "show", "-P", "MainPID", "o8web")
    assert run(module, name="o8web.service", state="reloaded")["changed"] is True
    assert run(module, name="o8web", state="restarted", check=True)["changed"] is True
    assert said(units, "systemctl", "show", "-P", "MainPID", "o8web") == before
    assert run(module, name="o8web", state="restarted")["changed"] is True
    assert said(units, "systemctl", "show", "-P", "MainPID", "o8web") not in ("0", before)
    twice(run, module, name="o8web", state="stopped", enabled=False)
    assert said(units, "systemctl", "is-active", "o8web") == "inactive"
    failed = run(module, name="o8broken", state="started")
    assert failed["msg"].startswith("Unable to start service o8broken: Job for o8broken.service failed")
    missing = run(module, name="o8none", state="started")
    assert missing["msg"] == "Could not find the requested service o8none: host"
    twice(run, module, name="o8old", state="started", enabled=True)
    assert said(units, "find", "/run/o8old", "/etc/rc3.d/S01o8old") == "/run/o8old\n/etc/rc3.d/S01o8old"


def test_masks_templates_timers_and_other_names(run: Run, units: Host) -> None:
    twice(run, "systemd", name="o8web", masked=True)
    assert "is masked" in run("systemd", name="o8web", state="started")["msg"]
    twice(run, "systemd", name="o8web", masked=False, enabled=True, state="started")
    assert run("systemd", name="o8www", enabled=True, state="started")["changed"] is False
    assert run("systemd", name="multi-user.target", enabled=True)["changed"] is False
    assert "non-template unit" in run("systemd", name="o8many@", enabled=True)["msg"]
    twice(run, "systemd", name="o8many@one", enabled=True, state="started")
    assert said(units, "systemctl", "is-active", "o8many@one", "o8many@two") == "active\ninactive"
    twice(run, "systemd", name="o8often.timer", enabled=True, state="started")
    assert "o8often.timer" in said(units, "systemctl", "list-timers", "--no-legend")


def test_new_unit_files_are_read_when_asked(run: Run, units: Host) -> None:
    fresh = UNITS["o8web.service"].replace("600", "601").replace("Alias=o8www.service", "")
    run("systemd", name="o8web", state="started")
    units.exec(["tee", "/etc/systemd/system/o8web.service"], stdin=fresh)
    path = ("systemctl", "show", "-P", "FragmentPath", "o8web")
    assert run("systemd", daemon_reload=True, check=True)["changed"] is False
    assert said(units, *path) == "/lib/systemd/system/o8web.service"
    started = run("systemd", name="o8web", daemon_reload=True, state="restarted")
    assert (started["changed"], said(units, *path)) == (True, "/etc/systemd/system/o8web.service")
    assert run("systemd", daemon_reexec=True)["changed"] is False
    assert said(units, "systemctl", "is-active", "o8web") == "active"


def test_units_of_a_user(run: Run, units: Host) -> None:
    twice(run, "systemd", name="o8own", scope="global", enabled=True)
    assert said(units, "ls", "/etc/systemd/user/multi-user.target.wants") == "o8own.service"
    twice(run, "systemd", name="o8own", scope="global", enabled=False)
    owned = {"name": "o8own", "scope": "user", "daemon_reload": True}
    twice(run, "systemd", **owned, state="started")
    of_root = ("env", "XDG_RUNTIME_DIR=/run/user/0", "systemctl", "--user", "is-active", "o8own")
    assert said(units, *of_root) == "active"
    twice(run, "systemd", **owned, state="stopped")


def test_services_as_facts(run: Run, units: Host) -> None:
    run("systemd", name="o8web", enabled=True, state="started")
    run("systemd", name="o8broken", state="started")
    found = run("service_facts")["ansible_facts"]["services"]

    def entry(name: str) -> tuple[str, str, str]:
        told = found[name]
        return told["source"], told["state"], told.get("status", "")

    assert entry("ssh.service") == ("systemd", "running", "enabled")
    assert entry("o8web.service") == ("systemd", "running", "enabled")
    assert entry("o8www.service") == ("systemd", "active", "alias")
    assert entry("o8broken.service") == ("systemd", "stopped", "failed")
    assert entry("o8many@.service") == ("systemd", "unknown", "disabled")
    assert entry("o8often.service") == ("systemd", "inactive", "static")
    assert entry("o8old") == ("sysv", "stopped", "")
    assert run("setup")["ansible_facts"]["ansible_service_mgr"] == "systemd"


@pytest.fixture
def named(booted: Host) -> Iterator[Run]:
    def name_again(call: Run) -> None:
        call("hostname", name="sysd")
        call("timezone", name="Etc/UTC")

    with calling(booted, timeout=60) as before:
        name_again(before)
        yield before
    with calling(booted, timeout=60) as after:
        name_again(after)


def test_the_name_and_the_time_zone_outlive_a_boot(named: Run, booted: Host, tmp_path: Path) -> None:
    result = twice(named, "hostname", name="o8.example.org")
    assert result["ansible_facts"]["ansible_hostname"] == "o8"
    assert said(booted, "hostname") == said(booted, "cat", "/etc/hostname") == "o8.example.org"
    assert twice(named, "timezone", name="Asia/Tokyo")["diff"]["before"] == {"name": "Etc/UTC"}
    assert said(booted, "timedatectl", "show", "--value", "-p", "Timezone") == "Asia/Tokyo"
    boot = said(booted, "cat", "/proc/sys/kernel/random/boot_id")
    booted.exec(["touch", "/run/o8-before-the-boot"])
    done, shown = played(
        booted,
        tmp_path,
        {"reboot": {"reboot_timeout": 60}},
        {"command": "sh -c 'hostname; date +%Z; ls /run/o8-before-the-boot'", "failed_when": False},
    )
    assert (done["changed"], done["rebooted"]) == (True, True)
    assert shown["stdout"].split() == ["o8.example.org", "JST"]
    assert said(booted, "cat", "/proc/sys/kernel/random/boot_id") != boot
