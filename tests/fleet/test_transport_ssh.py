"""The SSH transport against real sshds: keys, passwords, jump hosts, sudo, streams, and refusals."""

import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from orchestr8.core.errors import AuthFailed, HostKeyRefused, Unreachable
from orchestr8.core.secret import Secret
from orchestr8.engine.ports import Become, Endpoint, Request
from orchestr8.transport.pool import Network, Pool
from tests.waiting import wait_for

PING = Request("ping", {})
WHO = Request("command", {"_raw_params": "id -un"})
WRONG = {
    "user": "deploy",
    "key_file": None,
    "password": Secret("wrong-pw"),
    "options": {"IdentitiesOnly": "yes"},
}


@pytest.fixture(scope="module")
def warnings():
    return []


@pytest.fixture(scope="module")
def network(warnings):
    network = Network(["ping", "command"], warn=warnings.append)
    yield network
    network.close()


@pytest.fixture
def endpoint(fleet):
    host = fleet.host("h1")

    def make(**fields):
        options = {
            "UserKnownHostsFile": str(host.known_hosts),
            "GlobalKnownHostsFile": "none",
            "ConfigFile": "none",
        }
        options |= fields.pop("options", {})
        defaults = {"address": host.address, "user": "root", "key_file": str(host.key)}
        return Endpoint("h1", options=options, **{**defaults, **fields})

    return make


@pytest.fixture
def connect(network, endpoint):
    opened = []

    def run(**fields):
        opened.append(network.connect(endpoint(**fields)))
        return opened[-1]

    yield run
    for connection in opened:
        connection.close()


def test_a_key_logs_in_and_a_call_costs_little(connect):
    connection = connect()
    assert connection.call(PING)["ping"] == "pong"
    costs = []
    for _ in range(200):
        start = time.perf_counter()
        connection.call(PING)
        costs.append(time.perf_counter() - start)
    print(f"\na further call: {sorted(costs)[100] * 1000:.3f} ms")
    assert sorted(costs)[20] < 0.003


def test_a_password_logs_in_only_when_given(connect):
    given = {"password": Secret("deploy-pw"), "options": {"IdentitiesOnly": "yes"}}
    assert connect(user="deploy", key_file=None, **given).call(WHO)["stdout"] == "deploy"


@pytest.mark.parametrize(
    ("fields", "error", "why"),
    [
        (WRONG, AuthFailed, "password"),
        ({"key_file": "/nonexistent/key"}, AuthFailed, "no such file"),
        ({"options": {"UserKnownHostsFile": "/nonexistent"}}, HostKeyRefused, "is not known"),
        ({"port": 1}, Unreachable, "port 1: Connection refused"),
        ({"address": "no.such.host.invalid"}, Unreachable, "cannot resolve"),
    ],
)
def test_refusals_say_why_in_one_line(connect, fields, error, why):
    with pytest.raises(error, match=why) as caught:
        connect(**fields)
    assert "wrong-pw" not in str(caught.value)
    assert "\n" not in caught.value.message


def test_no_credential_is_sent_to_an_unknown_host(connect, fleet):
    before = (
        fleet.host("h1").exec(["sh", "-c", "grep -c 'Accepted\\|Failed' /var/log/auth.log || true"]).stdout
    )
    with pytest.raises(HostKeyRefused):
        connect(options={"UserKnownHostsFile": "/nonexistent"})
    assert (
        fleet.host("h1").exec(["sh", "-c", "grep -c 'Accepted\\|Failed' /var/log/auth.log || true"]).stdout
        == before
    )


def test_accept_new_keeps_the_key_once(connect, tmp_path, warnings):
    file = tmp_path / "ssh" / "known_hosts"
    for _ in range(2):
        connect(options={"UserKnownHostsFile": str(file), "StrictHostKeyChecking": "accept-new"})
    assert len(file.read_text().splitlines()) == 1
    assert file.stat().st_mode & 0o777 == 0o600
    assert any("is now kept in" in warning.message for warning in warnings)
    connect(options={"UserKnownHostsFile": str(file)})


def test_a_changed_key_is_refused_whatever_is_accepted(connect, endpoint, tmp_path):
    key = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-qt", "ed25519", "-N", "", "-f", str(key)], check=True)
    kind, blob = key.with_suffix(".pub").read_text().split()[:2]
    file = tmp_path / "known_hosts"
    file.write_text(f"{endpoint().address} {kind} {blob}\n")
    for strict in ("yes", "accept-new"):
        with pytest.raises(HostKeyRefused, match="but known is"):
            connect(options={"UserKnownHostsFile": str(file), "StrictHostKeyChecking": strict})


def test_jump_hosts_share_one_connection(network, fleet, endpoint, tmp_path):
    one, two, three = (fleet.host(name) for name in ("h1", "h2", "h3"))
    config = tmp_path / "config"
    config.write_text(
        f"Host 10.* far\n  User root\n  IdentityFile {one.key}\n  UserKnownHostsFile {one.known_hosts}\n"
        f"Host far\n  HostName {three.address}\n  ProxyJump root@{one.address}:22,{two.address}\n"
    )
    options = {"ConfigFile": str(config)}
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: network.connect(Endpoint("far", "far", options=options)), range(4)))
    names = [connection.raw("hostname")["stdout"].strip() for connection in found]
    seen = found[0].raw("echo $SSH_CLIENT")["stdout"].split()[0]
    for connection in found:
        connection.close()
    assert names == ["h3"] * 4
    assert seen == two.address
    assert len(network.ssh()._jumps) == 2


def test_a_proxy_command_is_a_way(connect, endpoint):
    host = endpoint().address
    connection = connect(options={"ProxyCommand": f"nc {host} %p" if _has("nc") else f"{_relay()} {host} %p"})
    assert connection.call(PING)["ping"] == "pong"


def _has(program):
    return subprocess.run(["which", program], capture_output=True, check=False).returncode == 0


def _relay():
    return "bash -c 'exec 3<>/dev/tcp/$0/$1; cat <&3 & cat >&3'"


@pytest.mark.parametrize(
    ("user", "password", "why"),
    [
        ("deploy", None, "Missing sudo password"),
        ("deploy", "wrong-pw", "Incorrect sudo password"),
        ("deploy", "deploy-pw", None),
        ("nopass", None, None),
        ("nopass", "wrong-pw", None),
        ("nosudo", "nosudo-pw", "does not allow it"),
    ],
)
def test_sudo(connect, user, password, why):
    connection = connect(user=user)
    become = Become(password=Secret(password) if password else None)
    result = connection.call(Request("command", {"_raw_params": "id -un"}, become=become))
    if why is None:
        assert result["stdout"] == "root"
    else:
        assert result["failed"]
        assert why in result["msg"]
        assert "wrong-pw" not in str(result)
    assert connection.call(WHO)["stdout"] == user


def test_raw_as_another_user_needs_no_python(connect):
    connection = connect(user="deploy", python="/nonexistent/python")
    result = connection.raw("id -un; cat; exit 4", become=Become(password=Secret("deploy-pw")), stdin=b"in")
    assert (result["rc"], result["stdout"]) == (4, "root\nin")
    assert connection.raw("id -un")["stdout"] == "deploy\n"
    with pytest.raises(Unreachable, match=r"no python3 ≥ 3.6 on h1 .*hint: use `raw`"):
        connection.call(PING)


def test_a_password_is_never_seen_on_the_host(connect, fleet):
    connection = connect(user="deploy")
    become = Become(password=Secret("deploy-pw"))
    thread = threading.Thread(
        target=connection.call, args=(Request("command", {"_raw_params": "sleep 1"}, become=become),)
    )
    thread.start()
    seen = fleet.host("h1").exec(
        ["sh", "-c", "sleep 0.5; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'"]
    )
    thread.join()
    assert "deploy-pw" not in seen.stdout


def test_the_docker_api_travels_over_the_connection(connect):
    stream = connect().stream("unix:/var/run/docker.sock")
    stream.sendall(b"GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    got = b""
    while chunk := stream.recv(4096):
        got += chunk
    assert got.endswith(b"OK")
    assert b"200 OK" in got


def test_large_output_is_drained_and_bounded(connect):
    result = connect().raw("head -c 50000000 /dev/zero; head -c 50000000 /dev/zero >&2; exit 9")
    assert result["rc"] == 9
    assert len(result["stdout"]) < 1_100_000
    assert len(result["stderr"]) < 1_100_000


def test_nothing_is_left_on_the_host(connect, fleet):
    host = fleet.host("h1")
    before = host.exec(
        ["find", "/root", "/tmp", "/var/tmp", "-newer", "/proc/1/cmdline", "-name", "*o8*"]
    ).stdout
    connection = connect()
    pid = connection.call(Request("shell", {"_raw_params": "echo $PPID"}))["stdout"]
    assert host.exec(["test", "-d", f"/proc/{pid}"]).rc == 0
    connection.close()
    wait_for(lambda: host.exec(["test", "-d", f"/proc/{pid}"]).rc == 1)
    assert (
        host.exec(["find", "/root", "/tmp", "/var/tmp", "-newer", "/proc/1/cmdline", "-name", "*o8*"]).stdout
        == before
    )


def test_a_hundred_hosts_connect_and_close_quickly(farm):
    way, addresses = farm(100)
    pool = Pool(Network(["ping"]))
    options = {"UserKnownHostsFile": str(way.known_hosts), "ConfigFile": "none", "IdentitiesOnly": "yes"}

    def one(address):
        endpoint = Endpoint(
            address,
            address,
            port=way.port,
            user=way.user,
            key_file=str(way.key),
            options=options,
            connect_timeout=60,
        )
        return pool.connection(endpoint).call(PING)["ping"]

    before = os.times()
    start = time.perf_counter()
    with ThreadPoolExecutor(50) as threads:
        assert set(threads.map(one, addresses)) == {"pong"}
    took = time.perf_counter() - start
    used = sum(os.times()[:2]) - sum(before[:2])
    start = time.perf_counter()
    pool.close()
    closing = time.perf_counter() - start
    print(f"\n100 hosts: {took:.2f} s, {used:.2f} s of CPU here; closed in {closing * 1000:.0f} ms")
    assert closing < took
    assert used < 20
