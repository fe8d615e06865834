import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.core.secret import Secret
from orchestr8.engine.ports import Become
from orchestr8.transport.become import Ascent
from orchestr8.transport.failures import BecomeFailed


def ascent(**fields):
    return Ascent("web1", Become(**fields))


def prompt(way):
    argv = way.argv(["x"])
    return argv[argv.index("-p") + 1].encode()


def test_sudo_without_a_password_asks_nobody():
    argv = ascent().argv(["python3", "-c", "x y"])
    assert argv[:4] == ["sudo", "-H", "-S", "-n"]
    assert argv[-5:] == ["-u", "root", "python3", "-c", "x y"]


def test_a_password_is_nowhere_in_the_words():
    argv = ascent(password=Secret("hunter2"), flags="-n").argv(["x"])
    assert "-n" not in argv
    assert "-S" in argv
    assert not any("hunter2" in word for word in argv)


def test_another_program_and_folder_lead_there():
    assert ascent(program="/opt/up").argv(["x"])[0] == "/opt/up"
    assert ascent(method="su", program="/opt/up").argv(["x"])[0] == "/opt/up"
    words = ascent(folder="/srv/a b").argv(["x"])
    assert words[0] == "/bin/sh"
    assert words[4:6] == ["/srv/a b", "sudo"]


def test_su_quotes_the_command():
    assert ascent(method="su", user="bob", flags="-").argv(["a", "b c"]) == [
        "su",
        "-",
        "bob",
        "-c",
        "a 'b c'",
    ]


def test_the_password_is_typed_once_at_our_own_prompt():
    way = ascent(password=Secret("pw"))
    ours = prompt(way)
    assert way.answer(b"lecture: be careful", quiet=False) == b""
    assert way.answer(b"lecture " + ours, quiet=False) == b"pw\n"
    assert way.answer(b"lecture " + ours, quiet=False) == b""
    with pytest.raises(BecomeFailed, match="Incorrect sudo password"):
        way.answer(b"lecture " + ours + b"Sorry, try again.\n" + ours, quiet=False)


def test_a_foreign_prompt_ends_the_attempt():
    way = ascent(password=Secret("pw"))
    with pytest.raises(BecomeFailed, match="Verification code"):
        way.answer(b"Verification code: ", quiet=True)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"sudo: a password is required", "Missing sudo password"),
        (b"sudo: sorry, you must have a tty to run sudo", "wants a terminal"),
        (b"bob is not in the sudoers file.", "does not allow it"),
        (b"sh: exec: sudo: not found", "sudo to root failed: sh: exec: sudo: not found"),
        (b"sudo: unknown user: nobody2", "no such user"),
        (b"", "it said nothing"),
    ],
)
def test_failures_are_told_in_one_line(said, why):
    error = ascent(password=Secret("hunter2")).ended(said + b" hunter2")
    if said:
        assert why in error.message
    assert "hunter2" not in error.message
    assert "\n" not in error.message
    assert error.message.startswith("web1: ")


@pytest.mark.parametrize("fields", [{"user": "-u"}, {"user": "a b"}, {"user": "$(id)"}, {"method": "doas"}])
def test_what_cannot_be_meant_is_refused(fields):
    with pytest.raises(InvalidInput):
        ascent(**fields)
