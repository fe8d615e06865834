"""Facts, packages, services and accounts on a real host, its state read back by testinfra."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.bed import Fleet
from tests.module_host import Run, calling, twice, witness

pytestmark = pytest.mark.fleet


@pytest.fixture(scope="module")
def run(fleet: Fleet) -> Iterator[Run]:
    with calling(fleet.host("h4"), timeout=120) as call:
        yield call


@pytest.fixture(scope="module")
def host(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return witness(fleet.host("h4"), tmp_path_factory.mktemp("ssh"))


def test_facts(run: Run, host: Any, fleet: Fleet) -> None:
    facts = run("setup")["ansible_facts"]
    assert facts["ansible_hostname"] == host.check_output("hostname")
    assert facts["ansible_default_ipv4"]["address"] == fleet.host("h4").address
    assert facts["ansible_distribution"] == "Debian"
    assert facts["ansible_distribution_version"] == host.file("/etc/debian_version").content_string.strip()
    assert facts["ansible_kernel"] == host.check_output("uname -r")
    assert facts["ansible_memtotal_mb"] == int(
        host.check_output("awk '/MemTotal/ {print int($2/1024)}' /proc/meminfo")
    )
    assert facts["ansible_virtualization_type"] == "docker"
    assert facts["ansible_pkg_mgr"] == "apt"
    assert facts["ansible_user_id"] == "root"


@pytest.fixture
def packages(run: Run) -> Iterator[None]:
    wipe = {"name": ["o8-hello", "o8-friend"], "state": "absent", "purge": True}
    run("apt", **wipe)
    yield
    run("apt", **wipe)


@pytest.mark.usefixtures("packages")
def test_packages(run: Run, host: Any) -> None:
    run("apt", update_cache=True)
    twice(run, "apt", name="o8-hello=1.0")
    assert host.package("o8-hello").version == "1.0"
    twice(run, "apt", name="o8-hello", state="latest")
    assert host.package("o8-hello").version == "2.0"
    refused = run("apt", name="o8-hello=1.0")
    assert refused["failed"] is True
    assert "downgrade" in refused["msg"]
    result = twice(run, "package", name=["o8-friend"], state="present")
    assert "o8-friend" in result["diff"]["prepared"]
    twice(run, "apt", name=["o8-hello", "o8-friend"], state="absent")
    assert not host.package("o8-hello").is_installed
    missing = run("apt", name="o8-nope")
    assert missing["msg"] == "No package matching 'o8-nope' is available"


def test_services(run: Run, host: Any) -> None:
    run("service", name="cron", state="stopped")
    twice(run, "service", name="cron", state="started")
    assert host.service("cron").is_running
    assert run("service", name="cron", state="restarted")["changed"] is True
    assert host.service("cron").is_running
    twice(run, "service", name="cron", enabled=False)
    twice(run, "service", name="cron", enabled=True)
    assert host.file("/etc/rc3.d/S01cron").exists
    twice(run, "service", name="cron", state="stopped")
    assert not host.service("cron").is_running
    assert run("service", name="o8-none", state="started")["msg"].startswith(
        "Could not find the requested service"
    )
    assert "no systemctl" in run("systemd", name="cron", state="started")["msg"]


@pytest.fixture
def accounts(run: Run) -> Iterator[None]:
    def wipe() -> None:
        run("user", name="o8ann", state="absent", remove=True, force=True)
        for name in ("o8team", "o8staff"):
            run("group", name=name, state="absent")

    wipe()
    yield
    wipe()


@pytest.mark.usefixtures("accounts")
def test_accounts(run: Run, host: Any) -> None:
    twice(run, "group", name="o8team", gid=4711)
    twice(run, "group", name="o8staff", system=True)
    password = "$6$salt$hash"
    wanted = {"name": "o8ann", "uid": 4712, "group": "o8team", "groups": ["o8staff"], "shell": "/bin/sh"}
    twice(run, "user", **wanted, comment="Ann O", password=password, expires=1893456000.0)
    user = host.user("o8ann")
    assert (user.uid, user.group, user.shell, user.home) == (4712, "o8team", "/bin/sh", "/home/o8ann")
    assert user.groups == ["o8team", "o8staff"]
    assert user.gecos == "Ann O"
    assert user.password == password
    assert host.file("/home/o8ann").user == "o8ann"
    twice(run, "user", name="o8ann", password_lock=True)
    assert user.password == "!" + password
    twice(run, "user", name="o8ann", home="/srv/o8/ann", move_home=True)
    assert host.file("/srv/o8/ann/.profile").exists
    result = twice(run, "user", name="o8ann", generate_ssh_key=True, ssh_key_type="ed25519")
    assert result["ssh_public_key"].startswith("ssh-ed25519 ")
    assert host.file("/srv/o8/ann/.ssh/id_ed25519").mode == 0o600
    entry = run("getent", database="passwd", key="o8ann")["ansible_facts"]["getent_passwd"]["o8ann"]
    assert entry[1:3] == ["4712", "4711"]
    twice(run, "user", name="o8ann", state="absent", remove=True)
    assert not host.file("/srv/o8/ann").exists


def test_lists_of_packages_and_services(run: Run, host: Any) -> None:
    packages = run("package_facts")["ansible_facts"]["packages"]
    assert packages["openssh-server"][0]["version"] == host.package("openssh-server").version
    assert run("service_facts")["ansible_facts"]["services"]["cron"]["source"] == "sysv"


def test_a_crontab(run: Run, host: Any) -> None:
    run("cron", name="o8 job", state="absent")
    twice(run, "cron", name="o8 job", minute="5", job="/bin/true > /dev/null")
    assert "#Ansible: o8 job\n5 * * * * /bin/true > /dev/null" in host.check_output("crontab -l")
    twice(run, "cron", name="o8 job", state="absent")
    assert "o8 job" not in host.run("crontab -l").stdout
