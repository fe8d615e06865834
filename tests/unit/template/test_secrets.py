from __future__ import annotations

import pytest

from orchestr8.core.secret import Secret
from orchestr8.core.span import Text
from orchestr8.core.vaulted import Unvaulted, Vaulted
from orchestr8.template.scope import Scope
from orchestr8.template.secrets import Redactor, reveal
from orchestr8.template.templar import Templar

SCOPE = Scope({"password": Secret("s3cret"), "user": "bob"})


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("{{ password }}", "s3cret"),
        ("{{ user }}:{{ password }}", "bob:s3cret"),
        ("{{ user ~ password }}", "bobs3cret"),
        ("{{ 'x' + password }}", "xs3cret"),
        ("{{ password | b64encode }}", "czNjcmV0"),
        ("{{ {'p': password} | to_json }}", '{"p": "s3cret"}'),
    ],
)
def test_what_is_made_from_a_secret_is_secret(text: str, worth: str) -> None:
    made = Templar().render(Text(text), SCOPE)
    assert isinstance(made, Secret)
    assert made.reveal() == worth
    assert "s3cret" not in str(made)


def test_what_was_encrypted_is_written_encrypted_to_yaml() -> None:
    scope = Scope({"d": {"k": Unvaulted("open", Vaulted("$ANSIBLE_VAULT;1.1;AES256\n6162\n"))}})
    sealed = reveal(Templar().render(Text("{{ d | to_nice_yaml }}"), scope))
    assert sealed == "k: !vault |\n    $ANSIBLE_VAULT;1.1;AES256\n    6162\n"
    assert reveal(Templar().render(Text("{{ d | to_yaml(dump_vault_tags=false) }}"), scope)) == "{k: open}\n"


def test_a_secret_can_be_asked_about() -> None:
    assert Templar().condition(Text("password == 's3cret' and password is search('^s3')"), SCOPE)


def test_revealing_reaches_into_containers() -> None:
    assert reveal({"a": [Secret("x")]}) == {"a": ["x"]}


def test_the_redactor_masks_what_it_knows() -> None:
    redactor = Redactor()
    redactor.add(Secret("hunter22"))
    redactor.add(Secret("abc"))
    assert redactor.mask("it is hunter22 abc") == "it is ******** abc"
