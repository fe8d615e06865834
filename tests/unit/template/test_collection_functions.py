# ruff: noqa: E501 - a case is one line
"""Filters, tests and lookups of the popular collections: what the reference gives for the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from orchestr8.core.span import Text
from orchestr8.template.errors import TemplateError
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar

NESTED = "{'a': {'k0': 1, 'z': 2}, 'k1': [{'k0': 5}], 'b': [{'c': 1}, {'k0': 3}]}"
CASES: list[tuple[str, Any]] = [
    (
        "['10.0.0.1', '10.0.0.1/8', '10.0.0.0/8', '::1', 'x'] | select('ansible.utils.ip')",
        ["10.0.0.1", "10.0.0.0/8", "::1"],
    ),
    ("'10.0.0.0/8' is ansible.utils.ipv4 and '::1' is not ansible.utils.ipv4", True),
    ("'10.0.0.1/24' is ansible.utils.ipv4_address", False),
    ("'10.0.0.1' is ansible.utils.in_network '10.0.0.0/8'", True),
    ("'10.0.0.1' is ansible.utils.in_one_network(['10.0.0.0/8', '10.0.0.0/16'])", False),
    ("'10.0.0.1' is ansible.utils.in_any_network(['10.0.0.0/8', '::/0'])", True),
    ("'10.0.0.0/8' is ansible.utils.supernet_of '10.1.0.0/16'", True),
    ("'0.0.0.255' is ansible.utils.ipv4_hostmask and '255.0.0.0' is ansible.utils.ipv4_netmask", True),
    ("'0216.3ee4.16f3' is ansible.utils.mac and '02163ee416fg' is not ansible.utils.mac", True),
    ("'8.8.8.8' is ansible.utils.public and '10.0.0.1' is ansible.utils.private", True),
    (
        "'::ffff:10.0.0.1' is ansible.utils.ipv6_ipv4_mapped and '1.2.3.4' is not ansible.utils.ipv6_teredo",
        True,
    ),
    ("'no-such.invalid' is ansible.utils.resolvable", False),
    ("[3, 1, 2] | community.general.accumulate", [3, 4, 6]),
    ("'abca' | community.general.counter", {"a": 2, "b": 1, "c": 1}),
    ("'test' | community.general.crc32", "d87f7e0c"),
    ("['a'] | map('community.general.dict_kv', 'k')", [{"k": "a"}]),
    ("[{'n': 'a', 'v': 1}] | community.general.groupby_as_dict('n')", {"a": {"n": "a", "v": 1}}),
    ("['2.10', '2.9', '2.1'] | community.general.version_sort", ["2.1", "2.9", "2.10"]),
    ("[1, 2, 2] | community.general.lists_union([2, 3], [4, 1])", [1, 2, 3, 4]),
    ("[[1, 2], [2, 3]] | community.general.lists_union(flatten=true)", [1, 2, 3]),
    ("[1, 2, 2] | community.general.lists_union", [1, 2, 2]),
    ("[1, 2, 3, 2] | community.general.lists_intersect([2, 3, 4], [2])", [2]),
    ("[1, 2, 3, 2] | community.general.lists_symmetric_difference([3, 5])", [1, 2, 5]),
    (
        "[{'n': 'b', 'x': [1]}, {'n': 'a'}] | community.general.lists_mergeby([{'n': 'b', 'x': [2]}], 'n', recursive=true, list_merge='append')",
        [{"n": "a"}, {"n": "b", "x": [1, 2]}],
    ),
    ("'52:54:00' | community.general.random_mac(seed='x')", "52:54:00:60:a1:7b"),
    (
        "[{'k0': 1, 'k1': 2}] | community.general.replace_keys(target=[{'before': 'k0', 'after': 'a'}])",
        [{"a": 1, "k1": 2}],
    ),
    (
        f"{NESTED} | ansible.utils.keep_keys(target=['k0'])",
        {"a": {"k0": 1}, "k1": [{"k0": 5}], "b": [{"k0": 3}]},
    ),
    (f"{NESTED} | ansible.utils.remove_keys(target=['k0'])", {"a": {"z": 2}, "k1": [], "b": [{"c": 1}]}),
    (
        "{'a': {'k0': 1}} | ansible.utils.replace_keys(target=[{'before': '0', 'after': 'q'}], matching_parameter='ends_with')",
        {"a": {"q": 1}},
    ),
    ("{'a': {'b': [1, {'c d': 2}]}} | ansible.utils.get_path(\"a.b[1]['c d']\")", 2),
    (
        "{'a': {'b': [1, {'c d': 2}], 'e': {}}} | ansible.utils.to_paths",
        {"a.b[0]": 1, "a.b[1]['c d']": 2, "a.e": {}},
    ),
    ("[1, 2, 3] | ansible.utils.index_of('!=', 2)", [0, 2]),
    ("[{'a': 1}, {'b': 2}] | ansible.utils.index_of('eq', 1, 'a')", 0),
    (
        "[1, 2] | ansible.utils.fact_diff([1, 3])",
        "['--- before', '+++ after', '@@ -1,2 +1,2 @@', ' 1', '-2', '+3', '']",
    ),
    (
        "['a', 'b', 'c'] | ansible.utils.param_list_compare(['all', '!b', 'z'])",
        {"actionable": ["a", "c"], "unsupported": ["z"]},
    ),
    (
        "'[s]\na=1\n[DEFAULT]\nd=2' | community.general.from_ini",
        {"s": {"a": "1", "d": "2"}, "DEFAULT": {"d": "2"}},
    ),
    ("{'s': {'a': 1, 'B': 'x%'}} | community.general.to_ini", "[s]\na = 1\nB = x%\n"),
    ("'1;2' | community.general.from_csv(delimiter=';', fieldnames=['x', 'y'])", [{"x": "1", "y": "2"}]),
    ("'1h 30m' | community.general.to_seconds", 5400.0),
    ("'1y 2mo' | community.general.to_days(year=360, month=31)", 422.0),
    ("'a\u0308' | community.general.unicode_normalize | length", 1),
    ("'0a:ff' | community.crypto.parse_serial | community.crypto.to_serial", "0A:FF"),
    ("lookup('community.general.random_string', length=12, seed='s')", "96|rA@APzt%@"),
    ("lookup('community.general.random_string', upper=false, lower=false, special=false) | length", 8),
    ("lookup('community.general.merge_variables', '^m_', pattern_type='regex')", {"x": [1, 2], "y": 1}),
]


def value_of(expression: str, **names: Any) -> Any:
    scope = Scope({"m_one": {"x": [1]}, "m_two": {"x": [2], "y": 1}, **names})
    return Templar().evaluate(Text(expression), scope)


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0][:60] for case in CASES])
def test_what_the_reference_gives(expression: str, expected: Any) -> None:
    assert value_of(expression) == expected


def test_a_failure_names_the_function_as_it_was_asked_for() -> None:
    with pytest.raises(TemplateError, match=r"'community\.general\.to_days' failed: can not interpret"):
        value_of("'soon' | community.general.to_days")


def test_no_path_is_evaluated() -> None:
    with pytest.raises(TemplateError, match="cannot read the path"):
        value_of("{'a': 1} | ansible.utils.get_path('a | string')")


def test_merging_refuses_to_overwrite_unless_told() -> None:
    with pytest.raises(TemplateError, match=r"will be overwritten with value '2' from 'm_z.y'"):
        value_of("lookup('community.general.merge_variables', 'm_', pattern_type='prefix')", m_z={"y": 2})
    merged = "lookup('community.general.merge_variables', 'm_', pattern_type='prefix', override='ignore')"
    assert value_of(merged, m_z={"y": 2}) == {"x": [1, 2], "y": 2}


def certificate() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "o8.test")])
    at = x509.CertificateBuilder(name, name, key.public_key(), 258)
    at = at.not_valid_before(datetime(2020, 1, 2, tzinfo=UTC)).not_valid_after(
        datetime(2021, 1, 2, tzinfo=UTC)
    )
    names = x509.SubjectAlternativeName([x509.DNSName("o8.test")])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    at = at.add_extension(names, critical=False).add_extension(usage, critical=True)
    return at.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def test_certificates_say_what_is_in_them() -> None:
    found = value_of("pem | community.crypto.x509_certificate_info", pem=certificate())
    assert found["subject"] == {"commonName": "o8.test"}
    assert found["not_after"] == "20210102000000Z"
    assert found["expired"]
    assert found["serial_number"] == 258
    assert found["subject_alt_name"] == ["DNS:o8.test"]
    assert found["extended_key_usage"] == ["TLS Web Server Authentication"]
    assert found["public_key_data"]["curve"] == "secp256r1"
    assert found["key_usage"] is None
    assert len(value_of("(pem ~ 'x\n' ~ pem) | community.crypto.split_pem", pem=certificate())) == 2


def test_trees_of_files_hide_what_earlier_ones_have(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder / "etc").mkdir(parents=True)
        (tmp_path / folder / "etc" / "a").write_text(folder)
    (tmp_path / "two" / "b").symlink_to("etc/a")
    found = value_of(
        "q('community.general.filetree', one, two)", one=f"{tmp_path}/one/", two=f"{tmp_path}/two"
    )
    assert [(each["path"], each["state"]) for each in found] == [
        ("etc", "directory"),
        ("etc/a", "file"),
        ("b", "link"),
    ]
    assert found[1]["src"] == str(tmp_path / "one" / "etc" / "a")
    assert (
        value_of("lookup('community.general.binary_file', one)", one=str(tmp_path / "one" / "etc" / "a"))
        == "b25l"
    )


@pytest.fixture
def address() -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404 if self.path == "/none" else 200)
            self.end_headers()
            self.wfile.write(f"{self.headers.get('X-Own', 'none')}\ntwo".encode())

        def log_message(self, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_addresses_give_lines(address: str) -> None:
    assert value_of("q('url', at, headers={'X-Own': 'me'})", at=address) == ["me", "two"]
    assert value_of("lookup('url', at, split_lines=false)", at=address) == "none\ntwo"
    with pytest.raises(TemplateError, match=r"Received HTTP error for .*/none: .*404"):
        value_of("lookup('url', at ~ '/none')", at=address)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'pw' | password_hash('md5', 'saltsalt')", "$1$saltsalt$6SNdNaZLKst2LlSm7oPPL1"),
        ("'pw' | password_hash('md5', 'abc')", "$1$abc$Kb85XxsXB.VXinPhbS4431"),
        (
            "'pässwörd longer than sixteen bytes' | password_hash('md5', 'saltsalt')",
            "$1$saltsalt$c8y1I/FfGfGcdOtFJYppm0",
        ),
        ("'' | password_hash('md5_crypt', 'saltsalt')", "$1$saltsalt$5Jhcit4zN9UlGiA0txPkO0"),
        (
            "'pw' | password_hash('bcrypt', '1234567890123456789012', rounds=5)",
            "$2b$05$123456789012345678901uztUQIoyLDxaIUgJ.x54aS6eyLIVBeKi",
        ),
        ("'pw' | password_hash('blowfish', rounds=4, ident='2a') | length", 60),
        ("'abc' | to_yaml ~ (1 | to_nice_yaml)", "abc\n1\n"),
        ("'abc' | to_yaml(explicit_end=true)", "abc\n...\n"),
    ],
)
def test_what_the_reference_gives_of_its_own_filters(expression: str, expected: Any) -> None:
    assert value_of(expression) == expected
