"""Laws of the wire: what is sent arrives, however it is cut; hostile bytes are only a ProtocolError."""

import contextlib
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orchestr8.remote.jsontext import dumps, loads
from orchestr8.remote.wire import CAP, MARK, Decoder, ProtocolError, encode

words = st.text(st.characters(exclude_categories=["Cs"])) | st.binary().map(
    lambda data: data.decode("utf-8", "surrogateescape")
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)
frames = st.lists(st.tuples(st.dictionaries(words, values, max_size=4), st.binary(max_size=300)), max_size=5)


def decoded(data: bytes, sizes: list[int]) -> list[tuple[dict, bytes]]:
    decoder, found, at = Decoder(), [], 0
    for size in [*sizes, len(data)]:
        found += list(decoder.feed(data[at : at + size]))
        at += size
    return found


@given(frames, st.lists(st.integers(0, 64), max_size=40))
def test_frames_survive_any_cutting(sent, sizes):
    headers = [({**header, "op": "x"}, blob) for header, blob in sent]
    data = b"".join(encode(header, blob) for header, blob in headers)
    assert decoded(data, sizes) == headers


@given(values)
def test_json_agrees_with_the_standard_package(value):
    assert loads(dumps(value)) == value
    assert json.loads(dumps(value)) == value
    assert dumps(value).isascii()


@given(st.binary(max_size=200))
@example(MARK + b"\xff\xff\xff\xff\x00\x00\x00\x00")
@example(MARK + b"\x00\x00\x00\x02\x00\x00\x00\x00[]")
@example(MARK + b"\x00\x00\x00\x01\x00\x00\x00\x00{")
def test_hostile_bytes_are_only_a_protocol_error(data):
    try:
        for header, _ in Decoder().feed(data):
            assert isinstance(header["op"], str)
    except ProtocolError:
        pass


@given(st.binary(max_size=120))
def test_hostile_headers_are_only_a_protocol_error(head):
    data = MARK + len(head).to_bytes(4, "big") + bytes(4) + head
    with contextlib.suppress(ProtocolError):
        assert len(list(Decoder().feed(data))) == 1


@pytest.mark.parametrize(
    "head", [b"[" * 200_000, b'{"op":' * 50_000, b"1" * 100_000, b'{"op":"x","n":' + b"9" * 9000 + b"}"]
)
def test_deep_or_huge_json_is_refused(head):
    with pytest.raises(ProtocolError):
        list(Decoder().feed(MARK + len(head).to_bytes(4, "big") + bytes(4) + head))


def test_a_frame_over_the_cap_is_refused_on_both_sides():
    with pytest.raises(ProtocolError, match="limit"):
        encode({"op": "x"}, bytes(CAP))
    with pytest.raises(ProtocolError, match="limit"):
        list(Decoder().feed(MARK + b"\x7f\xff\xff\xff" + bytes(4)))


def test_deep_values_cannot_be_sent():
    value: list = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ProtocolError):
        encode({"op": "x", "v": value})
    while value:
        value = value.pop()
