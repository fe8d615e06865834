"""Logs as the engine sends them, in pieces that end anywhere."""

from __future__ import annotations

import io
import struct

from hypothesis import given
from hypothesis import strategies as st

from orchestr8.runtime.log_stream import LogLine, split
from orchestr8.runtime.output import chunks

MOMENT = "2026-11-21T15:14:06.060443725Z"


def frame(data: bytes, stream: int = 1) -> bytes:
    return struct.pack(">BxxxL", stream, len(data)) + data


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"))


@given(st.lists(TEXTS, max_size=5), st.integers(1, 9))
def test_lines_come_whole_however_they_were_cut(texts: list[str], size: int) -> None:
    raw = "".join(f"{MOMENT} {text}\n" for text in texts).encode()
    pieces = [raw[n : n + size] for n in range(0, len(raw), size)]
    assert list(split(iter(pieces))) == [LogLine(MOMENT, text) for text in texts]


def test_both_streams_are_read_and_a_line_without_an_end_counts() -> None:
    raw = io.BytesIO(frame(f"{MOMENT} out\n".encode()) + frame(f"{MOMENT} err".encode(), 2))
    assert [line.text for line in split(chunks(raw))] == ["out", "err"]


def test_an_empty_line_keeps_its_moment() -> None:
    assert list(split(iter([f"{MOMENT} \r\n".encode()]))) == [LogLine(MOMENT, "")]
