import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.core.secret import Secret
from orchestr8.transport.endpoints import arguments, endpoint


def test_a_bare_host_is_its_own_address():
    made = endpoint("web1", {})
    assert (made.address, made.kind, made.port, made.user, made.python, made.connect_timeout) == (
        "web1", "ssh", None, None, None, 10.0,
    )  # fmt: skip


def test_the_variables_of_ansible():
    made = endpoint(
        "web1",
        {
            "ansible_host": "10.0.0.1",
            "ansible_port": "2222",
            "ansible_user": "deploy",
            "ansible_password": "pw",
            "ansible_ssh_private_key_file": "~/k",
            "ansible_python_interpreter": "/opt/python",
            "ansible_timeout": 5,
            "ansible_ssh_common_args": "-o ProxyJump=a -J b -oStrictHostKeyChecking=accept-new -q",
            "ansible_host_key_checking": False,
        },
    )
    assert (made.address, made.port, made.user, made.key_file) == ("10.0.0.1", 2222, "deploy", "~/k")
    assert made.password == Secret("pw")
    assert "pw" not in repr(made)
    assert (made.python, made.connect_timeout) == ("/opt/python", 5.0)
    assert made.options == {"ProxyJump": "a", "StrictHostKeyChecking": "no"}


@pytest.mark.parametrize(
    ("given", "kind"), [("local", "local"), ("smart", "ssh"), ("ansible.builtin.local", "local")]
)
def test_kinds_of_connection(given, kind):
    assert endpoint("x", {"ansible_connection": given}).kind == kind


@pytest.mark.parametrize("value", ["auto", "auto_silent", "auto_legacy"])
def test_automatic_interpreters_are_ours_to_find(value):
    assert endpoint("x", {"ansible_python_interpreter": value}).python is None


@pytest.mark.parametrize(
    "variables",
    [
        {"ansible_connection": "winrm"},
        {"ansible_port": "ssh"},
        {"ansible_timeout": "soon"},
        {"ansible_ssh_extra_args": "-o"},
        {"ansible_ssh_extra_args": "-W x"},
        {"ansible_ssh_extra_args": "'unclosed"},
        {"ansible_ssh_extra_args": "host"},
    ],
)
def test_what_cannot_be_meant_is_an_error(variables):
    with pytest.raises(InvalidInput, match="x"):
        endpoint("x", variables)


def test_ssh_arguments_in_every_spelling():
    line = "-C -o ControlMaster=auto -o 'ServerAliveInterval 5' -F none -i k -p 22 -lroot"
    line += " -o 'ProxyCommand=nc -q0 %h %p'"
    assert arguments("x", line) == {
        "ControlMaster": "auto",
        "ServerAliveInterval": "5",
        "ConfigFile": "none",
        "IdentityFile": "k",
        "Port": "22",
        "User": "root",
        "ProxyCommand": "nc -q0 %h %p",
    }
