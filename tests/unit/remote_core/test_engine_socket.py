"""Questions to an engine's socket: what it answers, and every way in which it does not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestr8.remote.engine_socket import Engine
from orchestr8.remote.module import Failure

VERSION = b'HTTP/1.0 200 OK\r\n\r\n{"ApiVersion": "1.41"}\n'
Serve = Callable[..., tuple[str, list[bytes]]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Give what answers one connection after the other on a socket, and the lines that were asked."""
    listening = socket.socket(socket.AF_UNIX)
    asked: list[bytes] = []

    def begin(*answers: bytes) -> tuple[str, list[bytes]]:
        path = str(tmp_path / "engine.sock")
        listening.bind(path)
        listening.listen()

        def work() -> None:
            for answer in answers:
                theirs, _ = listening.accept()
                with theirs:
                    asked.append(theirs.recv(1000).split(b"\r\n")[0])
                    theirs.sendall(answer)

        threading.Thread(target=work, daemon=True).start()
        return path, asked

    yield begin
    listening.close()


def test_the_older_of_two_versions_is_spoken(serve: Serve) -> None:
    path, asked = serve(VERSION, b"HTTP/1.0 200 OK\r\n\r\n[1]", b"HTTP/1.0 404 No\r\n\r\n{}")
    engine = Engine(path, "1.47", 5)
    assert engine.get("/info") == [1]
    assert engine.get("/nothing") is None
    assert asked == [b"GET /version HTTP/1.0", b"GET /v1.41/info HTTP/1.0", b"GET /v1.41/nothing HTTP/1.0"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"", "ended the connection without an answer"),
        (b"HTTP/1.0 200 OK\r\n\r\n<html>", "200 without JSON"),
        (b'HTTP/1.0 500 Oh\r\n\r\n{"message": "out of sorts"}', "out of sorts"),
    ],
)
def test_what_is_no_answer_is_told(serve: Serve, answer: bytes, told: str) -> None:
    path, _ = serve(answer)
    with pytest.raises(Failure, match=told):
        Engine(path, "1.47", 5)


def test_an_engine_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no such file"):
        Engine(str(tmp_path / "none.sock"), "1.47", 5)
