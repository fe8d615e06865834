import ast
import marshal
import zlib

from orchestr8.transport.loader import Loader
from orchestr8.transport.payload import Payload
from orchestr8.transport.strip import stripped
from orchestr8.transport.units import HERE

BUDGET = 48 << 10
SOURCE_BUDGET = 20 << 10


def test_the_smallest_payload_stays_within_its_budget(capsys):
    same, units = Payload(["ping"]).start(HERE)
    other, _ = Payload(["ping"]).start("anything else")
    with capsys.disabled():
        print(f"\npayload of ping: {len(same)} bytes of code, {len(other)} of source, {len(units)} units")
    assert len(same) < BUDGET
    assert len(other) < SOURCE_BUDGET


def test_only_what_is_used_is_shipped():
    _, units = Payload(["ping"]).start(HERE)
    assert "orchestr8.remote.modules.ping" in units
    assert "orchestr8.remote.modules.copy" not in units
    assert all(unit == "orchestr8" or unit.startswith("orchestr8.remote") for unit in units)


def test_more_is_what_a_host_lacks():
    payload = Payload(["ping"])
    _, units = payload.start(HERE)
    code, then = payload.more(HERE, "setup", units)
    sent = marshal.loads(zlib.decompress(code))
    assert "orchestr8.remote.modules.setup" in sent
    assert not units & sent.keys()
    assert then == units | sent.keys()
    assert payload.more(HERE, "ping", units) == (b"", units)


def test_what_a_host_lacks_is_packed_once_for_all_hosts():
    payload = Payload()
    _, units = payload.start(HERE)
    assert payload.more(HERE, "copy", units) is payload.more(HERE, "copy", frozenset(units))


def test_stripping_leaves_what_runs():
    left = stripped(
        '"""Doc."""\n'
        "from typing import Any, Callable, Dict, cast\n"
        "from orchestr8.remote.wire import encode, decode\n"
        "Send = Callable[..., None]\n"
        "table: Dict[str, Any] = {}\n"
        "class A:\n"
        '    """Doc."""\n'
        "    x: int\n"
        "    y: int = 1\n"
        "def f(a: int, *, b: Send) -> 'A':\n"
        '    """Doc."""\n'
        "    from orchestr8.remote.pumps import Pumps\n"
        "    if a:\n"
        "        c: Dict[str, int] = {}\n"
        "    return cast(None, encode(a))\n"
    )
    text = ast.unparse(left.tree)
    assert "Doc" not in text
    assert "Callable" not in text
    assert "Dict" not in text
    assert "import cast" in text
    assert "import encode\n" in text
    assert [module for module, _ in left.imports] == [
        "orchestr8.remote.pumps",
        "typing",
        "orchestr8.remote.wire",
    ]
    compile(left.tree, "x", "exec")


def test_the_loader_is_found_behind_any_banner():
    loader = Loader()
    mark = loader.text.split("UP ")[1].split(" ")[0].encode()
    spoken = b"O8UP " + mark + b" 3.11.7 cpython-311a70d0d0a.\nrest"
    assert loader.heard(b"motd\nO8UP 000 9.9.9 x.\n" + spoken[:20]) is None
    hello, rest = loader.heard(b"motd " + spoken)
    assert (hello.version, hello.tag, rest, hello.usable) == (
        (3, 11, 7),
        "cpython-311a70d0d0a",
        b"rest",
        True,
    )
    old, _ = loader.heard(b"O8UP " + mark + b" 2.7.18 .\n")
    assert not old.usable


def test_the_loader_needs_no_quoting_a_shell_could_break():
    text = Loader().text
    assert not set("'!\n`$") & set(text)
