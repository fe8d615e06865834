import base64
import hmac

import pytest

from orchestr8.core.errors import HostKeyRefused
from orchestr8.transport.host_keys import HostKeys
from orchestr8.transport.known_hosts import KnownHosts, fingerprint
from orchestr8.transport.resolve import Target


def key(seed: bytes, kind: str = "ssh-ed25519") -> bytes:
    name = kind.encode()
    return len(name).to_bytes(4, "big") + name + b"\0\0\0\x20" + seed.ljust(32, b"\0")


def line(names: str, blob: bytes, marker: str = "", kind: str = "ssh-ed25519") -> str:
    return f"{marker} {names} {kind} {base64.b64encode(blob).decode()} comment".strip()


def hashed(name: str) -> str:
    salt = b"a salt of 20 bytes.."
    digest = hmac.digest(salt, name.encode(), "sha1")
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


GOOD, BAD = key(b"good"), key(b"bad")


@pytest.fixture
def hosts(tmp_path):
    def make(*lines: str, strict: str = "yes", port: int = 22, name: str = "web1.example"):
        file = tmp_path / "known_hosts"
        if lines:
            file.write_text("".join(f"{each}\n" for each in lines))
        warned: list = []
        target = Target(
            "web1",
            name,
            port,
            "root",
            name,
            user_known_hosts=(str(file),),
            global_known_hosts=(),
            strict=strict,
        )
        return HostKeys(warned.append), target, file, warned

    return make


@pytest.mark.parametrize(
    "names",
    [
        "web1.example",
        "WEB1.example",
        "other,web1.example",
        "*.example",
        "web?.example",
        hashed("web1.example"),
        "*,!web2.example",
    ],
)
def test_a_known_key_is_trusted(hosts, names):
    keys, target, *_ = hosts("# comment", "", line(names, GOOD))
    keys.check(target, "ssh-ed25519", GOOD)


@pytest.mark.parametrize(
    "names", ["web2.example", "*.other", "*,!web1.example", hashed("web2.example"), "[web1.example]:2222"]
)
def test_a_line_for_others_does_not_help(hosts, names):
    keys, target, *_ = hosts(line(names, GOOD))
    with pytest.raises(HostKeyRefused, match="is not known") as caught:
        keys.check(target, "ssh-ed25519", GOOD)
    assert fingerprint(GOOD) in str(caught.value)
    assert "ssh-keyscan -p 22 web1.example" in str(caught.value)


@pytest.mark.parametrize(
    "names", ["[web1.example]:2222", hashed("[web1.example]:2222"), "[*.example]:2222", "web1.example"]
)
def test_ports_other_than_22(hosts, names):
    keys, target, *_ = hosts(line(names, GOOD), port=2222)
    keys.check(target, "ssh-ed25519", GOOD)


def test_a_changed_key_names_both_fingerprints_and_the_place(hosts):
    keys, target, file, _ = hosts("# one", line("web1.example", GOOD))
    with pytest.raises(HostKeyRefused) as caught:
        keys.check(target, "ssh-ed25519", BAD)
    assert fingerprint(GOOD) in str(caught.value)
    assert fingerprint(BAD) in str(caught.value)
    assert f"{file}:2" in str(caught.value)


def test_another_kind_of_key_is_a_change(hosts):
    keys, target, *_ = hosts(line("web1.example", GOOD))
    assert keys.kinds(target) == ["ssh-ed25519"]
    with pytest.raises(HostKeyRefused, match="but known is"):
        keys.check(target, "ssh-rsa", key(b"x", "ssh-rsa"))


def test_a_revoked_key_is_refused_even_when_listed_or_unchecked(hosts):
    for strict in ("yes", "no", "accept-new"):
        keys, target, *_ = hosts(line("web1.example", BAD), line("*", BAD, "@revoked"), strict=strict)
        with pytest.raises(HostKeyRefused, match="revoked"):
            keys.check(target, "ssh-ed25519", BAD)


def test_an_authority_alone_is_not_enough_and_says_so(hosts):
    keys, target, *_ = hosts(line("*.example", GOOD, "@cert-authority"))
    with pytest.raises(HostKeyRefused, match="certificate authority"):
        keys.check(target, "ssh-ed25519", GOOD)


def test_malformed_lines_are_left_out_and_named(hosts):
    keys, target, *_ = hosts(
        "garbage", "web1.example ssh-ed25519 !!!", line("x", GOOD, kind="ssh-rsa"), line("web1.example", GOOD)
    )
    keys.check(target, "ssh-ed25519", GOOD)
    known = KnownHosts.read(target.user_known_hosts)
    assert [place.rpartition(":")[2] for place in known.malformed] == ["1", "2", "3"]


def test_accept_new_keeps_the_key_and_refuses_a_later_change(hosts):
    keys, target, file, warned = hosts(strict="accept-new", port=2222)
    file.write_text("# no newline at the end")
    keys.check(target, "ssh-ed25519", GOOD)
    keys.check(target, "ssh-ed25519", GOOD)
    assert (
        file.read_text()
        == f"# no newline at the end\n[web1.example]:2222 ssh-ed25519 {base64.b64encode(GOOD).decode()}\n"
    )
    assert len(warned) == 1
    with pytest.raises(HostKeyRefused, match="but known is"):
        keys.check(target, "ssh-ed25519", BAD)


def test_unchecked_hosts_are_warned_about(hosts):
    keys, target, file, warned = hosts(strict="no")
    keys.check(target, "ssh-ed25519", GOOD)
    assert warned[0].severity == "warning"
    assert not file.exists()
