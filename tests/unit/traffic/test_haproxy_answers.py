"""What HAProxy answers is read as it is written; anything else is an error that says so."""

from __future__ import annotations

import pytest

from orchestr8.core.secret import Secret
from orchestr8.deploy.traffic import Tls
from orchestr8.deploy.traffic_counts import BOUNDS
from orchestr8.engine.services.traffic import TrafficError
from orchestr8.traffic.haproxy_certificates import pem
from orchestr8.traffic.haproxy_master import failed, failures, old_workers, workers
from orchestr8.traffic.haproxy_socket import HaproxySocket, rows
from orchestr8.traffic.haproxy_times import times

PROC = """\
#<PID>          <type>          <reloads>       <uptime>        <version>
231             master          2 [failed: 1]   0d00h00m31s     2.6.12
# workers
377             worker          0               0d00h00m01s     2.6.12
# old workers
232             worker          1               0d00h00m31s     2.6.12
233             worker          2               0d00h00m31s     2.6.12
# programs

"""
BLOCK = "-----BEGIN {0}-----\nAAAA\n-----END {0}-----\n"


class Line:
    """A stream that takes what is sent and then says what it was given to say."""

    def __init__(self, says: bytes) -> None:
        self.sent, self._says = b"", says

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def recv(self, size: int) -> bytes:
        data, self._says = self._says[:size], self._says[size:]
        return data

    def settimeout(self, seconds: float | None) -> None: ...

    def shutdown(self, how: int) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...


def test_one_conversation_carries_many_commands() -> None:
    line = Line(b"\n> \n> New server registered.\n\n> a\nb\n\n> ")
    answers = HaproxySocket("h1", lambda: line).converse(["set server x/y weight 1", "add server", "show"])
    assert answers == ["", "New server registered.", "a\nb"]
    assert line.sent == b"prompt\nset server x/y weight 1\nadd server\nshow\nquit\n"


@pytest.mark.parametrize("said", [b"", b"\n> ", b"\n> a\n> b\n> c\n> d\n> ", b"Permission denied\n"])
def test_an_answer_of_another_shape_is_refused(said: bytes) -> None:
    with pytest.raises(TrafficError, match="h1: HAProxy broke off"):
        HaproxySocket("h1", lambda: Line(said)).converse(["show stat"])


@pytest.mark.parametrize("command", ["a\nb", "a; b", "set ssl cert x <<\na\n\nb\n", "x y\npayload\n"])
def test_nothing_but_one_command_is_sent(command: str) -> None:
    with pytest.raises(TrafficError, match="one line"):
        HaproxySocket("h1", lambda: Line(b"")).converse([command])


def test_what_haproxy_refuses_is_told_with_its_words_but_not_with_a_key() -> None:
    said = b"\n> + + unable to load certificate\n\n> "
    with pytest.raises(
        TrafficError, match=r"h1: HAProxy refuses `set ssl cert f <<`.*unable to load"
    ) as error:
        HaproxySocket("h1", lambda: Line(said)).tell(["set ssl cert f <<\nMIIkey\n"])
    assert "MIIkey" not in str(error.value)


@pytest.mark.parametrize("said", ["", "Permission denied", "Unknown command", "# table"])
def test_statistics_of_another_form_are_refused(said: str) -> None:
    with pytest.raises(TrafficError, match="does not tell its statistics"):
        rows("h1", said)


def test_short_rows_lack_nothing() -> None:
    assert rows("h1", "# pxname,svname,status,\na,b\n\n")[0]["status"] == ""


def test_workers_are_told_apart() -> None:
    assert workers(PROC) == {"377"}
    assert old_workers(PROC) == ["232", "233"]
    assert failures(PROC) == 1
    assert workers("rubbish") == frozenset()
    assert failed("Success=0\n--\n[ALERT] no") == "[ALERT] no"
    assert not failed("Success=1\n")
    assert not failed("")


def test_times_are_read_by_member() -> None:
    counters = " ".join(f"gpc{n}={n}" for n in range(len(BOUNDS) + 1))
    said = f"# table: o8:times, type: string\n0x1: key=o8.p.web:a/one use=0 exp=0 {counters}\n"
    assert times(said) == {"o8.p.web:a/one": tuple(range(len(BOUNDS) + 1))}
    with pytest.raises(TrafficError, match="in another form"):
        times("0x1: key=a/b use=0 gpc0=1\n")


def test_a_certificate_is_cleaned_and_joined_with_its_key() -> None:
    chain = f"Bag\n{BLOCK.format('CERTIFICATE')}\n\n{BLOCK.format('CERTIFICATE')}"
    found = pem("web", Tls(Secret(chain), Secret(BLOCK.format("PRIVATE KEY")))).reveal()
    assert found == BLOCK.format("CERTIFICATE") * 2 + BLOCK.format("PRIVATE KEY")


@pytest.mark.parametrize(
    ("certificate", "key", "why"),
    [
        ("no", BLOCK.format("PRIVATE KEY"), "holds no certificate"),
        (BLOCK.format("CERTIFICATE"), "topsecret", "one private key"),
        (BLOCK.format("CERTIFICATE"), BLOCK.format("ENCRYPTED PRIVATE KEY"), "not encrypted"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_refused_unseen(certificate: str, key: str, why: str) -> None:
    with pytest.raises(TrafficError, match=why) as error:
        pem("web", Tls(Secret(certificate), Secret(key)))
    assert "topsecret" not in str(error.value)
