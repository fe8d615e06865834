"""Files of variables that age or SOPS encrypted."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from orchestr8.app.vault import Passwords, opening, plaintext
from orchestr8.cli import variables
from orchestr8.core.secret import Secret
from orchestr8.core.span import Span
from orchestr8.core.vaulted import VaultError
from orchestr8.language.files import Files
from orchestr8.language.vault.age import Identities
from orchestr8.language.vault.vault import Vault

pyrage = pytest.importorskip("pyrage")

# Made by age 1.1.1 and its age-keygen for this test alone.
IDENTITY = "AGE-SECRET-KEY-10P8X3EYQ3NHK9SK8YFR25MDKHSR0VM8NXY5CVE9K7FVP9Y94N70QSH47WG"
BY_AGE = """\
-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA2c25VdUthQktyS2NRMFdM
d0swVlVSbjJadnhMTGFxTEtLL21xMEdtTFZVCmp1TmdIalJsV1l4M2tQYXUxb3lS
VWY4M1JscDkyZFMvblFsZ3JXTituZkUKLS0tIDlYa29yUUgydGJxTE14VUtwYUtH
MEdNbGdvaWdUc3FPRnQvQVpROFJMUG8KHlzDdD+McctndxR9Dg/Yi5xdE7U5nTQv
8K9WAsxWU/a0aLmZUThXGoB2jJYW1CxKQDC1rw/IDD9t9ADaOhgIu8P0n8o=
-----END AGE ENCRYPTED FILE-----
"""
WHEN = "2026-11-21T18:00:00Z"
LINES = "first line\nsecond: line"


def sealed(key: bytes, plain: str, bound_to: str, kind: str = "str") -> str:
    nonce = os.urandom(32)
    data = AESGCM(key).encrypt(nonce, plain.encode(), bound_to.encode())
    parts = (b64encode(part).decode() for part in (data[:-16], nonce, data[-16:]))
    return "ENC[AES256_GCM,data:{},iv:{},tag:{},type:{}]".format(*parts, kind)


def metadata(key: bytes, values: str) -> dict[str, Any]:
    """The part `sops` of a file whose plain values, one after the other, are `values`."""
    identity = pyrage.x25519.Identity.from_str(IDENTITY)
    digest = hashlib.sha512(values.encode()).hexdigest().upper()
    armoured = pyrage.encrypt(key, [identity.to_public()], armored=True).decode()
    return {
        "age": [{"recipient": str(identity.to_public()), "enc": armoured}],
        "lastmodified": WHEN,
        "mac": sealed(key, digest, WHEN),
        "unencrypted_suffix": "_unencrypted",
        "version": "3.9.0",
    }


def sops_yaml() -> str:
    key = os.urandom(32)
    return "\n".join(
        [
            "# who we are",
            "db:",
            f"    password: {sealed(key, LINES, 'db:password:')}",
            f"    port: {sealed(key, '5432', 'db:port:', 'int')}",
            "    empty: ''",
            "    nothing: null",
            "users:",
            f"    - {sealed(key, 'anna', 'users:')}",
            f"    - {sealed(key, 'True', 'users:', 'bool')}",
            "rate_unencrypted: 1.50",
            "flag_unencrypted: yes",
            "sops: " + json.dumps(metadata(key, f"{LINES}5432annaTrue1.5yes")),
            "",
        ]
    )


@pytest.fixture
def files() -> Files:
    return Files(Vault(identities=Identities(lambda: [Secret(f"# mine\n{IDENTITY}\n")])))


def test_values_of_sops_are_read_where_they_stand(tmp_path: Path, files: Files) -> None:
    path = tmp_path / "vars.yml"
    path.write_text(sops_yaml())
    document = files.read(str(path))
    assert document.diagnostics == ()
    assert document.value == {
        "db": {"password": LINES, "port": 5432, "empty": "", "nothing": None},
        "users": ["anna", True],
        "rate_unencrypted": 1.5,
        "flag_unencrypted": True,
    }
    assert document.value["db"].key_spans["port"] == Span(str(path), 4, 5, 4)
    assert document.text == ""


def test_json_of_sops_with_tabs_as_sops_writes_it(tmp_path: Path, files: Files) -> None:
    key = os.urandom(32)
    tree = {"a": {"b": sealed(key, "1.25", "a:b:", "float")}, "c_unencrypted": 7}
    path = tmp_path / "vars.json"
    path.write_text(json.dumps({**tree, "sops": metadata(key, "1.257")}, indent="\t"))
    assert files.read(str(path)).value == {"a": {"b": 1.25}, "c_unencrypted": 7}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("1.50", "1.51", "the digest of the SOPS file does not fit"),
        ("  - ", "  - more\n    - ", "the digest of the SOPS file does not fit"),
        ("port: E", "pork: E", "`db.pork` was changed, or moved"),
        ("data:", "data:AAAA", "was changed, or moved"),
        ('"mac"', '"mad"', "`mac` was changed"),
        ('"age"', '"pgp"', "is encrypted for pgp and not for age"),
    ],
)
def test_what_was_changed_by_hand_is_refused(
    tmp_path: Path, files: Files, before: str, after: str, said: str
) -> None:
    text = sops_yaml()
    path = tmp_path / "vars.yml"
    path.write_text(text.replace(before, after, 1))
    document = files.read(str(path))
    assert document.failed
    assert said in document.diagnostics[0].message


def test_a_file_that_age_itself_made(tmp_path: Path, files: Files) -> None:
    path = tmp_path / "vars.yml"
    path.write_text(BY_AGE)
    assert files.read(str(path)).value == {"db_password": "made by age", "port": 5432}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ((), "no age identity is known"),
        ((str(pyrage.x25519.Identity.generate()),), "no age identity opens this"),
        (("nonsense",), "an age identity cannot be read"),
    ],
)
def test_a_missing_key_is_said(tmp_path: Path, keys: tuple[str, ...], said: str) -> None:
    path = tmp_path / "vars.yml"
    path.write_text(BY_AGE)
    files = Files(Vault(identities=Identities(lambda: [Secret(key) for key in keys])))
    assert said in files.read(str(path)).diagnostics[0].message


def test_a_missing_library_is_said(tmp_path: Path, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", None)
    path = tmp_path / "vars.yml"
    path.write_text(BY_AGE)
    assert files.read(str(path)).diagnostics[0].hint == "install it: pip install 'orchestr8[age]'"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE", "SOPS_AGE_SSH_PRIVATE_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars/all.yml").write_text(sops_yaml())
    (tmp_path / "hosts").write_text("a\n")
    (tmp_path / "keys.txt").write_text(IDENTITY + "\n")
    return tmp_path


@pytest.mark.parametrize("way", ["id", "variable", "file", "home"])
def test_keys_are_found_where_users_of_sops_keep_them(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    words = ["a", "-i", "hosts", "--explain", "users"]
    prepare: dict[str, Callable[[], Any]] = {
        "id": lambda: words.extend(["--vault-id", "age@keys.txt"]),
        "variable": lambda: monkeypatch.setenv("SOPS_AGE_KEY", IDENTITY),
        "file": lambda: monkeypatch.setenv("SOPS_AGE_KEY_FILE", "keys.txt"),
        "home": lambda: [
            (project / "config/sops/age").mkdir(parents=True),
            (project / "keys.txt").rename(project / "config/sops/age/keys.txt"),
        ],
    }
    prepare[way]()
    with variables.command.make_context("vars", words) as context:
        variables.command.invoke(context)
    assert capsys.readouterr().out.startswith('users = ["anna", true]    ./group_vars/all.yml:7:1')


def test_view_shows_them_without_a_password(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOPS_AGE_KEY", IDENTITY)
    (project / "whole.age").write_text(BY_AGE)
    vault = opening(Passwords(), ["whole.age", "group_vars/all.yml"])
    assert plaintext("whole.age", vault) == b"db_password: made by age\nport: 5432\n"
    assert plaintext("group_vars/all.yml", vault).decode().splitlines()[:4] == [
        "# who we are",
        "db:",
        '    password: "first line\\nsecond: line"',
        "    port: 5432",
    ]
    monkeypatch.delenv("SOPS_AGE_KEY")
    with pytest.raises(VaultError):
        plaintext("whole.age", opening(Passwords(), ["whole.age"]))


@pytest.mark.parametrize(
    ("script", "value", "said"),
    [
        ("cat >/dev/null; echo 'port: 80'", {"port": 80}, ""),
        ("cat >/dev/null; echo 'no secret key' >&2; exit 128", None, "`sops` failed: no secret key"),
        (None, None, "is encrypted for pgp and not for age"),
    ],
)
def test_files_for_other_keys_are_opened_by_the_program_of_sops(
    tmp_path: Path,
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
    script: str | None,
    value: object,
    said: str,
) -> None:
    path = tmp_path / "vars.yml"
    path.write_text(sops_yaml().replace('"age"', '"pgp"', 1))
    programs = tmp_path / "bin"
    programs.mkdir()
    if script is not None:
        (programs / "sops").write_text(f'#!/bin/sh\n[ "$1" = --decrypt ] || exit 1\n{script}\n')
        (programs / "sops").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    document = files.read(str(path))
    assert document.value == value if value else said in document.diagnostics[0].message
