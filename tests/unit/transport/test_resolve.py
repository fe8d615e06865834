import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.engine.ports import Endpoint
from orchestr8.transport.resolve import Resolver, hop


@pytest.fixture
def resolve(tmp_path):
    def run(config: str = "", address: str = "web1", **fields):
        file = tmp_path / "config"
        file.write_text(config)
        options = {"ConfigFile": str(file), **fields.pop("options", {})}
        return Resolver().target(Endpoint("web1", address, options=options, **fields))

    return run


CONFIG = """
Host web*
    HostName %h.example
    User deploy
    Port 2200
    IdentityFile /keys/one
    IdentitiesOnly yes
    ConnectTimeout 3
    StrictHostKeyChecking accept-new
    UserKnownHostsFile /a /b
Match host *.example
    ProxyJump jump@bastion:2022,second
"""


def test_the_configuration_file_is_honoured(resolve):
    target = resolve(CONFIG)
    assert (target.hostname, target.user, target.port) == ("web1.example", "deploy", 2200)
    assert target.key_files == ("/keys/one",)
    assert not target.agent
    assert target.connect_timeout == 3.0
    assert target.strict == "accept-new"
    assert target.user_known_hosts == ("/a", "/b")
    assert target.jumps == ("jump@bastion:2022", "second")


def test_fields_and_options_win_over_the_file(resolve):
    target = resolve(
        CONFIG, user="root", port=22, key_file="/k", options={"ConnectTimeout": "7", "ProxyJump": "none"}
    )
    assert (target.user, target.port, target.connect_timeout, target.jumps) == ("root", 22, 7.0, ())
    assert target.key_files[0] == "/k"


def test_included_files_stand_in_their_place(resolve, tmp_path):
    (tmp_path / "more.conf").write_text("Host other\n  Port 1\nHost web1\n  Port 2222\n")
    target = resolve(
        f"Host *\n  User first\nInclude {tmp_path}/more*.conf\n  ConnectTimeout 9\nHost web1\n  Port 3\n"
    )
    assert (target.port, target.user, target.connect_timeout) == (2222, "first", 9.0)


def test_an_including_loop_ends(resolve, tmp_path):
    assert resolve(f"Include {tmp_path}/config\nHost *\n  Port 9\n").port == 9


@pytest.mark.parametrize(
    "address", ["-oProxyCommand=x", "a b", "$(id)", "a\nb", "a;b", "x" * 300, "host:22", "a\0", "`id`", ""]
)
def test_addresses_that_could_be_anything_else_are_refused(resolve, address):
    with pytest.raises(InvalidInput, match="address"):
        resolve(address=address)


@pytest.mark.parametrize("user", ["-l", "a b", "$(id)", "x\n"])
def test_users_that_could_be_anything_else_are_refused(resolve, user):
    with pytest.raises(InvalidInput, match="user"):
        resolve(user=user)


@pytest.mark.parametrize(
    ("jump", "address", "port", "user"),
    [
        ("bastion", "bastion", None, None),
        ("me@bastion:2022", "bastion", 2022, "me"),
        ("ssh://me@bastion:22", "bastion", 22, "me"),
        ("[fe80::1]:2022", "fe80::1", 2022, None),
        ("fe80::1", "fe80::1", None, None),
    ],
)
def test_jump_hosts_are_read(jump, address, port, user):
    found = hop(jump, {"configfile": "none", "proxyjump": "x"})
    assert (found.address, found.port, found.user, dict(found.options)) == (
        address,
        port,
        user,
        {"configfile": "none"},
    )
