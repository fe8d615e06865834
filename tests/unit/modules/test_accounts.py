from __future__ import annotations

import os
import pwd

import pytest

from orchestr8.remote import accounts, user_keys, user_words
from orchestr8.remote.accounts import Account, Shadow
from orchestr8.remote.arguments import converted
from orchestr8.remote.module import Call, Failure
from orchestr8.remote.modules.user import MODULE

NOW = Account("ann", 1000, 0, "Ann", "/home/ann", "/bin/sh")
ENTRY = Shadow("$6$a$b", "0", "99999", "7", "", "")


def call(**args: object) -> Call:
    return Call(converted(MODULE, {"name": "ann", **args}))


def test_words_only_for_what_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "SHADOW", "/nonexistent")
    assert user_words.modification(call(), NOW) == []
    assert user_words.modification(call(uid=1000, shell="/bin/sh", comment="Ann", group="root"), NOW) == []
    assert user_words.modification(call(uid=2, non_unique=True), NOW) == ["-u", "2", "-o"]
    assert user_words.modification(call(home="/h", move_home=True), NOW) == ["-d", "/h", "-m"]
    assert user_words.modification(call(expires=86400 * 2), NOW) == ["-e", "1970-01-03"]
    assert user_words.modification(call(expires=-1), NOW) == []
    with pytest.raises(Failure, match="Group o8-none does not exist"):
        user_words.modification(call(group="o8-none"), NOW)


def test_words_for_a_new_account() -> None:
    words = user_words.creation(call(uid=7, group="root", create_home=False, system=True, comment="A B"))
    assert words == ["-u", "7", "-g", "root", "-c", "A B", "-M", "-r"]
    assert user_words.creation(call(umask="077", skeleton="/s", uid_min=9)) == [
        "-K",
        "UID_MIN=9",
        "-m",
        "-k",
        "/s",
        "-K",
        "UMASK=077",
    ]


@pytest.mark.parametrize(
    ("args", "created", "expected"),
    [
        ({}, False, None),
        ({"password": "$6$a$b"}, False, None),
        ({"password": "$6$c$d"}, False, "$6$c$d"),
        ({"password": "$6$c$d", "update_password": "on_create"}, False, None),
        ({"password": "$6$c$d", "update_password": "on_create"}, True, "$6$c$d"),
        ({"password_lock": True}, False, "!$6$a$b"),
        ({"password_lock": False}, False, None),
        ({"password": "$6$a$b", "password_lock": True}, False, "!$6$a$b"),
    ],
)
def test_passwords(args: dict[str, object], created: bool, expected: str | None) -> None:
    assert user_words.new_password(call(**args), ENTRY, created=created) == expected


def test_an_account_without_a_password_stays_locked() -> None:
    locked = ENTRY._replace(password="!")
    assert user_words.new_password(call(password_lock=False), locked, created=False) is None
    with pytest.raises(Failure, match="on one line"):
        user_words.new_password(call(password="a\nroot:x"), ENTRY, created=False)


def test_ages() -> None:
    assert user_words.ages(call(password_expire_max=99999), ENTRY) == []
    assert user_words.ages(call(password_expire_max=90, password_expire_min=1), ENTRY) == [
        "-m",
        "1",
        "-M",
        "90",
    ]
    assert user_words.ages(call(password_expire_account_disable=-1), ENTRY) == []


def test_the_user_who_runs_this_is_found(apply) -> None:
    me = pwd.getpwuid(os.getuid())
    result = apply("user", name=me.pw_name, create_home=False)
    assert (result["changed"], result["uid"], result["home"]) == (False, me.pw_uid, me.pw_dir)
    assert accounts.account(me.pw_name, local=True) == accounts.account(me.pw_name, local=False)


def test_check_mode_predicts(apply) -> None:
    assert apply("user", name="o8-none", check=True)["changed"] is True
    assert apply("user", name="o8-none", state="absent")["changed"] is False
    assert apply("group", name="o8-none", check=True, gid=4321)["changed"] is True
    assert apply("group", name="o8-none", state="absent")["changed"] is False
    assert apply("group", name="root", gid=0) == {
        "changed": False,
        "name": "root",
        "state": "present",
        "system": False,
        "gid": 0,
    }


def test_a_password_in_the_clear_is_warned_of(apply) -> None:
    result = apply("user", name="o8-none", check=True, password="secret")
    assert "not to have been hashed" in result["warnings"][0]
    assert result["password"] == "NOT_LOGGING_PASSWORD"


def test_getent(apply) -> None:
    found = apply("getent", database="passwd", key="root")["ansible_facts"]["getent_passwd"]["root"]
    assert found[1:3] == ["0", "0"]
    missing = apply("getent", database="passwd", key="o8-none", fail_key=False)
    assert missing["ansible_facts"] == {"getent_passwd": {"o8-none": None}}
    assert "could not be found" in apply("getent", database="passwd", key="o8-none")["msg"]


def test_services_without_systemd(apply) -> None:
    missing = apply("service", name="o8-none", state="started", use="sysvinit")
    assert missing["msg"] == "Could not find the requested service o8-none: host"
    assert "Could not find" in apply("service", name="../x", enabled=True, use="service")["msg"]


def test_arguments_of_a_user_that_do_not_go_together(apply) -> None:
    refused = apply("user", name="o8-nobody", local=True, umask="077", check=True)
    assert refused["msg"] == "'umask' can not be used with 'local'"
    warned = apply("user", name="o8-nobody", append=True, check=True)["warnings"][0]
    assert warned.startswith("'append' is set, but no 'groups' are specified.")


def test_never_to_expire_is_written_for_an_account_without_an_entry(monkeypatch, tmp_path) -> None:
    (tmp_path / "shadow").write_text("bob:*:1:0:99999:7:::\n")
    monkeypatch.setattr(accounts, "SHADOW", str(tmp_path / "shadow"))
    assert user_words.modification(call(expires=-1), NOW) == ["-e", ""]


def test_a_link_where_a_public_key_belongs_is_left_alone(tmp_path) -> None:
    (tmp_path / "key.pub").symlink_to("/elsewhere")
    there = call(generate_ssh_key=True, ssh_key_file=str(tmp_path / "key"))
    out: dict[str, object] = {"changed": False}
    user_keys.make_key(there, NOW, out)
    assert out["changed"] is False
    assert (tmp_path / "key.pub").is_symlink()
    assert "Found existing ssh key public file" in there.warnings[0]
