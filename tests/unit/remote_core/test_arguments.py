from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestr8.remote.arguments import checked, converted, name_of
from orchestr8.remote.module import Arg, Failure, Module
from orchestr8.remote.values import FALSE, TRUE, Unfit, bits, boolean, integer, mapping, sequence, size


class Sample(Module):
    name = "sample"
    args: ClassVar = {
        "path": Arg("path", "Where.", required=True, aliases=("dest", "name")),
        "state": Arg("str", "What.", default="file", choices=["file", "absent", "on"]),
        "mode": Arg("bits", "Bits."),
        "force": Arg("bool", "Force.", default=False),
        "names": Arg("list", "Names.", elements="int"),
        "src": Arg("path", "From."),
        "content": Arg("str", "Text."),
        "owner": Arg("str", "Owner."),
        "group": Arg("str", "Group."),
        "ports": Arg("list", "Ports.", elements="dict", options={"port": Arg("int", "Port.", required=True)}),
    }
    exclusive = (("src", "content"),)
    together = (("owner", "group"),)
    required_if = (("state", "on", ("src",)),)
    required_by: ClassVar = {"names": ("mode",)}
    one_of = (("content", "force"),)


def messages(**given):
    return [message for _, message in checked(Sample, given)[1]]


def test_defaults_aliases_and_conversions():
    values = converted(Sample, {"dest": "/a", "force": "yes", "names": "1, 2", "mode": "0644"})
    assert values["path"] == "/a"
    assert values["state"] == "file"
    assert values["force"] is True
    assert values["names"] == [1, 2]
    assert values["mode"] == 0o644
    assert values["src"] is None


@pytest.mark.parametrize(
    ("given_args", "message"),
    [
        ({}, "missing required arguments: path"),
        ({"path": "/a", "state": "gone"}, "value of state must be one of: file, absent, on, got: gone"),
        ({"path": "/a", "src": "x", "content": "y"}, "parameters are mutually exclusive: src|content"),
        ({"path": "/a", "owner": "x"}, "parameters are required together: owner, group"),
        ({"path": "/a", "names": [1]}, "missing parameter(s) required by 'names': mode"),
        ({"path": "/a", "state": "on"}, "state is on but all of the following are missing: src"),
        (
            {"path": "/a", "force": "maybe"},
            (
                "argument 'force' is of type str and we were unable to convert to bool: "
                "The value 'maybe' is not a valid boolean."
            ),
        ),
        ({"path": "/a", "ports": [{}]}, "missing required arguments: port found in ports"),
        (
            {"path": "/a", "ports": [{"port": 1, "x": 2}]},
            "Unsupported parameters for ports: x. Supported parameters include: port.",
        ),
    ],
)
def test_problems_are_named_as_ansible_names_them(given_args, message):
    assert messages(**given_args) == [message]


def test_unknown_arguments_name_the_known_ones():
    values, problems = checked(Sample, {"path": "/a", "mod": 1})
    assert problems[0][0] == "mod"
    assert problems[0][1].startswith(
        "Unsupported parameters for (sample) module: mod. Supported parameters include: content,"
    )
    assert "path (dest, name)" in problems[0][1]
    assert values["path"] == "/a"


def test_all_problems_come_at_once():
    assert len(messages(state="gone", force="maybe", bogus=1)) == 4


def test_a_truth_value_finds_the_word_yaml_hid():
    assert converted(Sample, {"path": "/a", "state": True, "src": "s"})["state"] == "on"


def test_converted_raises_failure():
    with pytest.raises(Failure, match="missing required arguments: path"):
        converted(Sample, {})


def test_aliases_are_found():
    assert name_of(Sample.args, "dest") == "path"
    assert name_of(Sample.args, "nope") is None


def test_scalar_conversions():
    assert bits("0644") == bits(0o644) == bits("0o644") == 0o644
    assert bits("u=rw,g=r") == "u=rw,g=r"
    assert size("1M") == size("1MB") == size("1MiB") == 1 << 20
    assert size("1.5K") == 1536
    assert mapping("a=1 b='x y'") == {"a": "1", "b": "x y"}
    assert mapping('{"a": 1}') == {"a": 1}
    assert sequence("a, b") == ["a", "b"]
    assert sequence(5) == ["5"]
    assert integer("5") == 5


@pytest.mark.parametrize(
    ("convert", "value"),
    [(integer, "x"), (integer, 1.5), (integer, float("inf")), (size, "1Q"), (mapping, "x"), (bits, True)],
)
def test_what_does_not_fit_is_refused(convert, value):
    with pytest.raises(Unfit):
        convert(value)


@given(st.sampled_from(TRUE + FALSE), st.booleans())
def test_words_of_truth_in_any_case(word, upper):
    assert boolean(word.upper() if upper else word) is (word in TRUE)


@given(
    st.dictionaries(
        st.sampled_from([*Sample.args, "x"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()),
    )
)
def test_checking_never_crashes(given_args):
    values, problems = checked(Sample, given_args)
    assert set(values) == set(Sample.args)
    assert all(message for _, message in problems)
