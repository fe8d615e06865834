"""The real runner in a real process, over the local transport."""

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from orchestr8.core.errors import InvalidInput, LockLost, Unreachable
from orchestr8.engine.ports import Endpoint, Fence, Request
from orchestr8.transport.failures import StreamRefused
from orchestr8.transport.heartbeat import Heartbeat
from orchestr8.transport.local import LocalTransport
from orchestr8.transport.payload import Payload

ODD = """
import os, sys, time
from orchestr8.remote.module import Arg, Failure, Module
from orchestr8.remote import process

class Odd(Module):
    name = "odd"
    check_mode = False
    args = {"do": Arg("str", "What."), "n": Arg("int", "How much.", default=1)}

    def run(self, call):
        return getattr(self, "do_" + call["do"])(call)

    def do_print(self, call):
        print("stray"); os.write(1, b"stray"); os.write(2, b"stray"); sys.stdout.flush()
        return {"changed": False, "read": len(sys.stdin.read())}

    def do_crash(self, call):
        return {}["missing"]

    def do_fail(self, call):
        raise Failure("as asked", rc=7)

    def do_exit(self, call):
        sys.exit(3)

    def do_die(self, call):
        os.kill(os.getpid(), 9)

    def do_sleep(self, call):
        time.sleep(call["n"])
        return {}

    def do_big(self, call):
        return {"text": "x" * (call["n"] << 20)}

    def do_unsendable(self, call):
        return {"what": object()}

    def do_bytes(self, call):
        return {"data": bytes(range(256)), "names": {"b", "a"}}

    def do_blob(self, call):
        return {"size": len(call.blob), "sum": sum(call.blob[:1000])}

    def do_environ(self, call):
        return {"x": os.environ.get("X"), "warn": call.warnings.append("careful")}

    def do_lines(self, call):
        for number in range(call["n"]):
            call.progress("line %d" % number)
        return {}

    def do_child(self, call):
        process.run(["sleep", "60"], progress=None) if False else None
        return {"pid": os.getpid(), "rc": process.run("echo $$ > $F; sleep 60", shell=True).rc}
"""
INTERPRETERS = [sys.executable] + [
    str(found) for found in sorted(Path("~/.pyenv/versions").expanduser().glob("3.*/bin/python3"))
]


@pytest.fixture(scope="module")
def open_local(tmp_path_factory):
    file = tmp_path_factory.mktemp("odd") / "odd.py"
    file.write_text(ODD)
    heartbeat = Heartbeat()
    payload = Payload(["ping"], {"odd": ("orchestr8.remote.modules.odd_for_tests", file)})
    sessions = []

    def make(python=None):
        session = LocalTransport(payload, heartbeat).connect(
            Endpoint("here", "here", kind="local", python=python)
        )
        sessions.append(session)
        return session

    yield make
    for session in sessions:
        session.close()
    heartbeat.stop()


@pytest.fixture(scope="module")
def session(open_local):
    return open_local()


def odd(do, **fields):
    args = {"do": do, **fields.pop("args", {})}
    return Request("odd", args, **fields)


@pytest.mark.parametrize("python", INTERPRETERS)
def test_every_interpreter_here_serves(open_local, python):
    session = open_local(python)
    assert session.call(Request("ping", {"data": "é\udcff"})) == {"changed": False, "ping": "é\udcff"}
    assert session.call(odd("crash"))["msg"].startswith(
        "Task failed: Module failed: 'missing' [KeyError at orchestr8.remote.modules.odd"
    )
    assert session.call(odd("bytes"))["names"] == ["a", "b"]
    session.close()


def test_stray_output_breaks_nothing(session):
    assert session.call(odd("print")) == {"changed": False, "read": 0}


def test_failures_and_exits_are_results(session):
    assert session.call(odd("fail")) == {"failed": True, "changed": False, "msg": "as asked", "rc": 7}
    assert session.call(odd("exit"))["msg"] == "the module ended its process with 3"
    assert "cannot be sent" in session.call(odd("unsendable"))["msg"]


def test_bad_arguments_are_a_result(session):
    result = session.call(Request("odd", {"d": 1}))
    assert result["failed"]
    assert result["msg"].startswith("Unsupported parameters for (odd) module: d.")


def test_bytes_become_text_that_can_be_turned_back(session):
    assert session.call(odd("bytes"))["data"].encode("utf-8", "surrogateescape") == bytes(range(256))


def test_check_mode_skips_what_cannot_check(session):
    result = session.call(odd("fail", check=True))
    assert result["skipped"]
    assert not result["changed"]


def test_large_blobs_and_results_travel_in_parts(session):
    assert session.call(odd("blob", blob=b"\1" * (40 << 20))) == {
        "changed": False,
        "size": 40 << 20,
        "sum": 1000,
    }
    assert len(session.call(odd("big", args={"n": 20}))["text"]) == 20 << 20
    assert "too large" in session.call(odd("big", args={"n": 70}))["msg"]


def test_the_environment_holds_for_one_call(session):
    result = session.call(odd("environ", environ={"X": "1"}))
    assert (result["x"], result["warnings"]) == ("1", ["careful"])
    assert session.call(odd("environ"))["x"] is None


def test_a_deadline_ends_the_module_and_nothing_else(session):
    start = time.monotonic()
    result = session.call(odd("sleep", args={"n": 30}, timeout=0.2))
    assert result["failed"]
    assert "Timed out after 0.2 second(s)" in result["msg"]
    assert time.monotonic() - start < 25
    assert session.call(Request("ping", {}))["ping"] == "pong"


def test_calls_in_flight_keep_their_order(session):
    results = session.call_many([Request("ping", {"data": str(n)}) for n in range(50)])
    assert [result["ping"] for result in results] == [str(n) for n in range(50)]


def test_many_threads_share_a_connection(session):
    results = {}

    def work(n):
        results[n] = [session.call(Request("ping", {"data": f"{n}-{m}"}))["ping"] for m in range(20)]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == {n: [f"{n}-{m}" for m in range(20)] for n in range(8)}


def test_live_output_comes_line_by_line(session):
    lines = []
    session.call(odd("lines", args={"n": 3}), line=lines.append)
    assert lines == ["line 0", "line 1", "line 2"]


def test_unknown_modules_are_our_own_error(session):
    with pytest.raises(InvalidInput, match="no module `nope`"):
        session.call(Request("nope", {}))


def test_a_runner_that_dies_makes_the_host_unreachable(open_local):
    session = open_local()
    with pytest.raises(Unreachable, match="here: "):
        session.call(odd("die"))
    with pytest.raises(Unreachable):
        session.call(Request("ping", {}))


def test_a_missing_interpreter_says_where_was_looked(open_local):
    with pytest.raises(Unreachable, match=r"no python3 ≥ 3.6 on here \(looked at /nonexistent/python\)"):
        open_local("/nonexistent/python").call(Request("ping", {}))


def test_python_2_is_told_apart(open_local):
    old = next(Path("~/.pyenv/versions").expanduser().glob("2.*/bin/python2*"), None)
    if old is None:
        pytest.skip("no python 2 here")
    with pytest.raises(Unreachable, match="it is python 2"):
        open_local(str(old)).call(Request("ping", {}))


def test_closing_ends_what_the_host_runs(open_local, tmp_path):
    session = open_local()
    file = tmp_path / "pid"
    lost = []

    def wait():
        try:
            session.call(odd("child", environ={"F": str(file)}))
        except Unreachable as error:
            lost.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    while not (file.exists() and file.read_text().strip()):
        time.sleep(0.01)
    pid = int(file.read_text())
    start = time.monotonic()
    session.close()
    thread.join(30)
    assert lost
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]:
        assert time.monotonic() - start < 30
        time.sleep(0.02)


def test_raw_needs_no_python(open_local):
    session = open_local("/nonexistent/python")
    result = session.raw("cat; echo e >&2; exit 3", stdin=b"in")
    assert (result["rc"], result["stdout"], result["stderr"], result["failed"]) == (3, "in", "e\n", True)
    assert session.raw("sleep 20", timeout=0.1)["timedout"]
    assert session.raw("echo $0", executable="/bin/bash")["stdout"] == "/bin/bash\n"


@pytest.fixture
def echo(tmp_path):
    path = tmp_path / "echo.sock"
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()

    def serve():
        while True:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(peer,), daemon=True).start()

    def answer(peer):
        total = 0
        while data := peer.recv(65536):
            total += len(data)
            peer.sendall(data)
        with contextlib.suppress(OSError):
            peer.sendall(b"END %d" % total)
        peer.close()

    threading.Thread(target=serve, daemon=True).start()
    yield path
    server.close()


def test_a_stream_carries_bytes_both_ways_with_half_close(session, echo):
    stream = session.stream(f"unix:{echo}")
    data = os.urandom(3 << 20)
    writer = threading.Thread(target=lambda: (stream.sendall(data), stream.shutdown(socket.SHUT_WR)))
    writer.start()
    got = b""
    while chunk := stream.recv(65536):
        got += chunk
    writer.join()
    assert got == data + b"END %d" % len(data)
    stream.close()


def test_calls_go_on_beside_a_stream(session, echo):
    stream = session.stream(f"unix:{echo}")
    stream.sendall(b"x")
    assert session.call(Request("ping", {}))["ping"] == "pong"
    assert stream.recv(10) == b"x"
    stream.settimeout(0.05)
    with pytest.raises(TimeoutError):
        stream.recv(1)
    stream.close()
    assert stream.recv(1) == b""


def test_a_fenced_stream_carries_what_its_holder_sends_and_nothing_later(session, echo, tmp_path):
    folder = tmp_path / "shop"
    wish = {"root": str(tmp_path), "project": "shop", "seconds": 60}
    assert session.call(Request("o8_lock", {**wish, "op": "take", "run": "a"}))["token"] == 1
    stream = session.stream(f"unix:{echo}", fence=Fence(str(folder), 1))
    stream.sendall(b"x")
    assert stream.recv(10) == b"x"
    taken = session.call(Request("o8_lock", {**wish, "op": "take", "run": "b", "by": "bob", "over": 1}))
    assert taken["token"] == 2
    stream.sendall(b"y")
    with pytest.raises(LockLost, match="bob holds it now"):
        stream.recv(10)
    with pytest.raises(LockLost):
        stream.recv(10)
    late = session.stream(f"unix:{echo}", fence=Fence(str(folder), 1))
    late.sendall(b"z")
    with pytest.raises(LockLost):
        late.recv(10)
    late.close()


def test_a_killed_runner_leaves_no_lock_behind(open_local, echo, tmp_path):
    session, other = open_local(), open_local()
    wish = {"root": str(tmp_path), "project": "shop", "seconds": 60}
    session.call(Request("o8_lock", {**wish, "op": "take", "run": "a"}))
    silent = socket.socket(socket.AF_UNIX)
    silent.bind(str(tmp_path / "silent"))
    silent.listen()
    stream = session.stream(f"unix:{tmp_path / 'silent'}", fence=Fence(str(tmp_path / "shop"), 1))
    peer, _ = silent.accept()
    stream.sendall(b"never answered")
    assert peer.recv(20) == b"never answered"
    os.kill(_runner_of(session), signal.SIGKILL)
    answer = other.call(Request("o8_lock", {**wish, "op": "take", "run": "b", "over": 1}))
    assert answer["token"] == 2
    for each in (silent, peer):
        each.close()


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("unix:/nonexistent.sock", "No such file"),
        ("tcp:127.0.0.1:1", "refused"),
        ("bogus", "a stream goes to"),
    ],
)
def test_a_stream_that_cannot_be_opened_says_why(session, target, why):
    with pytest.raises(StreamRefused, match=why):
        session.stream(target)


def test_a_lost_runner_ends_its_streams(open_local, echo):
    session = open_local()
    pid = session.call(odd("environ")) and _runner_of(session)
    stream = session.stream(f"unix:{echo}")
    os.kill(pid, signal.SIGKILL)
    with pytest.raises((Unreachable, ConnectionError)):
        use_until_lost(stream)


def use_until_lost(stream):
    while stream.recv(10):
        pass
    stream.sendall(b"x")


def _runner_of(session):
    return session._shell._pipes[-1]._child.pid
