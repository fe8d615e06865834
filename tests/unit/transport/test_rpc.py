"""The controller's end against a host that answers badly or not at all."""

import threading
import time

import pytest

from orchestr8.core.errors import Unreachable
from orchestr8.remote.wire import Decoder, encode
from orchestr8.runtime.stream_http import StreamSocket
from orchestr8.transport.rpc import DEAD, QUIET, Rpc
from orchestr8.transport.streams import RemoteStream


class ScriptedPipe:
    """A host that says what the test puts into it."""

    def __init__(self):
        self.sent = bytearray()
        self.waiting = b""
        self.closed = threading.Event()
        self.held = 0
        self.lock = threading.Condition()

    def says(self, data):
        with self.lock:
            self.waiting += data
            self.lock.notify_all()

    def send(self, data):
        if self.closed.is_set():
            raise BrokenPipeError
        self.sent += data
        return len(data)

    def recv(self, size, timeout=1.0):
        with self.lock:
            if not self.waiting and not self.closed.is_set():
                self.lock.wait(timeout)
            if self.closed.is_set():
                return b""
            if not self.waiting:
                raise TimeoutError
            data, self.waiting = self.waiting[:size], self.waiting[size:]
            return data

    def pending(self):
        return bool(self.waiting) or self.closed.is_set()

    def backlog(self):
        return self.held

    def finish(self):
        pass

    def abandon(self):
        self.close()

    def close(self):
        self.closed.set()
        with self.lock:
            self.lock.notify_all()


@pytest.fixture
def pipe():
    return ScriptedPipe()


@pytest.fixture
def rpc(pipe):
    return Rpc("web1", pipe)


def call(rpc):
    return rpc.call_many([({"module": "ping"}, b"")])[0]


def test_an_answer_arrives(rpc, pipe):
    pipe.says(encode({"op": "done", "id": 1, "result": {"a": 1}}))
    assert call(rpc) == {"a": 1}


def test_answers_may_come_in_any_order_and_in_parts(rpc, pipe):
    pipe.says(encode({"op": "part", "id": 2}, b'{"b":') + encode({"op": "part", "id": 2}, b"2}"))
    pipe.says(encode({"op": "done", "id": 2}) + encode({"op": "done", "id": 1, "result": {"a": 1}}))
    assert rpc.call_many([({}, b""), ({}, b"")]) == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(
    "said",
    [
        b"garbage instead of frames",
        encode({"op": "done", "id": 99, "result": {}}),
        encode({"op": "done", "id": 1, "result": []}),
        encode({"op": "done", "id": 1}),
        encode({"op": "done", "id": "1", "result": {}}),
        encode({"op": "call", "id": 1}),
        encode({"op": "part", "id": 1}, b"[" * 100_000) + encode({"op": "done", "id": 1}),
        encode({"op": "done", "id": 1, "result": {}}) * 2,
    ],
)
def test_a_host_that_breaks_the_protocol_is_given_up(rpc, pipe, said):
    pipe.says(said)
    with pytest.raises(Unreachable, match="broke the protocol"):
        rpc.call_many([({}, b""), ({}, b"")])
    assert pipe.closed.is_set()


def test_a_flood_of_parts_is_cut_off(rpc, pipe, monkeypatch):
    monkeypatch.setattr("orchestr8.transport.rpc.PARTS", 1 << 20)
    pipe.says(encode({"op": "part", "id": 1}, bytes(300_000)) * 4)
    with pytest.raises(Unreachable, match="more than"):
        call(rpc)


def test_the_end_of_the_pipe_is_a_lost_host(rpc, pipe):
    pipe.close()
    with pytest.raises(Unreachable, match="web1: "):
        call(rpc)


def test_a_quiet_peer_is_asked_and_then_judged(rpc, pipe):
    now = rpc._heard
    assert rpc.beat(now + QUIET - 1)
    assert not pipe.sent
    for second in range(int(QUIET) + 1, int(DEAD) + 4):
        alive = rpc.beat(now + second)
    assert b'"ping"' in pipe.sent
    assert not alive
    with pytest.raises(Unreachable, match="no sign of life for 15 s"):
        call(rpc)


def test_an_answered_ping_is_a_sign_of_life(rpc, pipe):
    now = rpc._heard
    for second in range(1, 40):
        if pipe.sent:
            pipe.says(encode({"op": "pong"}))
            del pipe.sent[:]
        assert rpc.beat(now + second)


def test_a_controller_that_slept_does_not_blame_its_hosts(rpc):
    now = rpc._heard
    assert rpc.beat(now + QUIET + 1)
    assert rpc.beat(now + 3600)
    assert rpc.beat(now + 3601)


def test_bytes_that_still_drain_are_progress(rpc, pipe):
    now = rpc._heard
    pipe.held = 1000
    for second in range(1, 60):
        pipe.held -= 1
        assert rpc.beat(now + second)


def test_a_peer_that_takes_what_is_sent_is_alive(rpc, pipe):
    now = time.monotonic()
    for second in range(1, 60):
        rpc.send([b"x" * 1000])
        assert rpc.beat(now + second)


def test_what_only_fills_our_own_buffers_is_no_sign_of_life(rpc, pipe):
    now = time.monotonic()
    alive = [True]
    for second in range(1, int(DEAD) + 4):
        rpc.send([b"x" * 1000]) if alive[-1] else None
        pipe.held = len(pipe.sent)
        alive.append(rpc.beat(now + second))
    assert not alive[-1]


def test_who_could_not_be_asked_while_much_was_sent_is_asked_later(rpc, pipe):
    now = time.monotonic()
    with rpc._writing:
        for second in range(1, 9):
            assert rpc.beat(now + second)
    assert not pipe.sent
    for second in range(9, 40):
        if pipe.sent:
            pipe.says(encode({"op": "pong"}))
            del pipe.sent[:]
        assert rpc.beat(now + second)


def test_a_writer_that_gets_nothing_across_is_cut_off(rpc):
    now = time.monotonic()
    with rpc._writing:
        alive = [rpc.beat(now + second) for second in range(1, int(DEAD) + 4)]
    assert not alive[-1]


def test_a_large_file_is_sent_part_by_part(rpc, pipe):
    blob = bytes(range(256)) * (40 << 10)
    pipe.says(encode({"op": "done", "id": 1, "result": {}}) + encode({"op": "done", "id": 2, "result": {}}))
    rpc.call_many([({"module": "copy"}, blob), ({"module": "ping"}, b"")])
    frames = list(Decoder().feed(bytes(pipe.sent)))
    assert b"".join(body for header, body in frames if header["op"] == "part") == blob
    assert [(header["op"], header["id"]) for header, _ in frames if header["op"] == "call"] == [
        ("call", 1),
        ("call", 2),
    ]


def test_who_waits_learns_of_the_loss(rpc, pipe):
    errors = []

    def wait():
        try:
            call(rpc)
        except Unreachable as error:
            errors.append(error)

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    while len(pipe.sent) < 3 * 40:
        time.sleep(0.001)
    rpc.lose("the link is down")
    for thread in threads:
        thread.join(30)
    assert [error.message for error in errors] == ["web1: the link is down"] * 3


def opened(rpc, pipe):
    pipe.says(encode({"op": "opened", "id": 1, "credit": 1000}))
    stream = RemoteStream(rpc, "tcp:127.0.0.1:80")
    del pipe.sent[:]
    return stream


def shut(pipe):
    return [header["id"] for header, _ in Decoder().feed(bytes(pipe.sent)) if header["op"] == "shut"]


def test_garbage_that_is_collected_while_somebody_sends_closes_its_stream_afterwards(rpc, pipe):
    """Whoever reads an HTTP answer only in part leaves its stream to the garbage collector."""
    reader = StreamSocket(opened(rpc, pipe))
    response = reader.makefile()
    reader.close()

    def frames():
        response.close()
        yield b"x"

    rpc.send(frames())
    assert not shut(pipe)
    del pipe.sent[:]
    with rpc._changed:
        reader.close()
    rpc.send([])
    assert shut(pipe) == [1]
    assert rpc.end(0.1)


def test_an_abandoned_stream_is_closed_within_a_second_when_nothing_is_sent(rpc, pipe):
    opened(rpc, pipe).abandon()
    assert rpc.beat(rpc._heard + 1)
    assert shut(pipe) == [1]


def test_a_frame_that_got_out_in_part_is_ended_before_the_next(rpc, pipe):
    opened(rpc, pipe).abandon()
    whole, pipe.send = pipe.send, lambda data: len(pipe.sent.extend(data[:5]) or data[:5])
    rpc.beat(rpc._heard + 1)
    pipe.send = whole
    rpc.send([encode({"op": "eof", "id": 2})])
    assert [header["op"] for header, _ in Decoder().feed(bytes(pipe.sent))] == ["shut", "ping", "eof"]
