from __future__ import annotations

import pytest

from orchestr8.remote.arguments import converted
from orchestr8.remote.module import Failure
from orchestr8.remote.modules.deb822_repository import MODULE, rendered, slug_of

KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----\n"


def test_fields_as_apt_reads_them() -> None:
    args = converted(
        MODULE,
        {"name": "My Repo", "uris": "http://x", "suites": ["a", "b"], "components": "main", "by_hash": False},
    )
    assert rendered(args, KEY) == (
        "By-Hash: no\nComponents: main\nX-Repolib-Name: My Repo\nSigned-By:\n"
        "    -----BEGIN PGP PUBLIC KEY BLOCK-----\n    .\n    abc\n    -----END PGP PUBLIC KEY BLOCK-----\n"
        "Suites: a b\nTypes: deb\nURIs: http://x\n"
    )


def test_names_of_files() -> None:
    assert slug_of("My Repo_x!") == "my-repo-x"
    with pytest.raises(Failure, match="name holds nothing"):
        slug_of("../..")


def test_check_mode_predicts(apply) -> None:
    result = apply(
        "deb822_repository", check=True, diff=True, name="o8 none", uris=["http://x"], suites=["a"]
    )
    assert result["changed"] is True
    assert result["dest"] == "/etc/apt/sources.list.d/o8-none.sources"
    assert result["diff"]["after"] == result["repo"]
    assert apply("deb822_repository", name="o8 none", state="absent")["changed"] is False
