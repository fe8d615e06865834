"""htpasswd: hashes that web servers read, and one line a user."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from orchestr8.remote.password_lines import apache_md5, crypted, fits, hashed
from tests.unit.modules.conftest import Apply

needs_crypt = pytest.mark.skipif(crypted("x", "$6$ab") is None, reason="needs libcrypt")


# The first is the example of Apache's own documentation of password formats.
@pytest.mark.parametrize(
    ("password", "stored"),
    [
        ("myPassword", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"),
        ("myPassword", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE="),
        pytest.param("myPassword", "rqXexS6ZhobKA", marks=needs_crypt),
        ("plain", "plain"),
    ],
)
def test_known_hashes_fit(password: str, stored: str) -> None:
    assert fits(password, stored)
    assert not fits("x" + password, stored)


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
@pytest.mark.parametrize("password", ["a", "a longer pass phrase of 37 letters…..", "0123456789abcdef"])
def test_apaches_hash_is_openssls(password: str) -> None:
    argv = ["openssl", "passwd", "-apr1", "-salt", "saltsalt", "-stdin"]
    other = subprocess.run(argv, input=password, capture_output=True, text=True, check=True).stdout.strip()
    assert apache_md5(password, "saltsalt") == other


@pytest.mark.parametrize(
    "scheme", ["apr_md5_crypt", "ldap_sha1", "plaintext", pytest.param("bcrypt", marks=needs_crypt)]
)
def test_a_new_hash_fits(scheme: str) -> None:
    assert fits("secret", hashed("secret", scheme))
    assert not fits("other", hashed("secret", scheme))


def test_users_come_change_and_go(apply: Apply, tmp_path: Path) -> None:
    path = tmp_path / "web/users"
    args: dict[str, Any] = {"path": str(path), "name": "ann"}
    assert apply("htpasswd", password="one", check=True, **args)["changed"] is True
    assert not path.exists()
    made = apply("htpasswd", password="one", mode="0640", diff=True, **args)
    assert (made["changed"], made["mode"]) == (True, "0640")
    assert "diff" not in made
    assert path.read_text().startswith("ann:$apr1$")
    assert apply("htpasswd", password="one", **args)["changed"] is False
    apply("htpasswd", path=str(path), name="bob", password="x")
    assert apply("htpasswd", password="two", **args)["msg"] == "Updated ann"
    assert [line.split(":")[0] for line in path.read_text().splitlines()] == ["ann", "bob"]
    assert apply("htpasswd", state="absent", **args)["changed"] is True
    assert apply("htpasswd", state="absent", **args)["changed"] is False
    assert path.read_text().startswith("bob:")
    assert apply("htpasswd", **args)["failed"] is True
    assert "not supported" in apply("htpasswd", password="x", hash_scheme="rot13", **args)["msg"]
