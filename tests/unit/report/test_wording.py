"""Words for results: always valid JSON text, never an internal key, never a secret."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from orchestr8.core.outcome import Outcome, Status
from orchestr8.core.secret import Secret
from orchestr8.report.wording import censored, diff_text, dump, spoken

TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), TEXT)
VALUES = st.recursive(LEAVES, lambda v: st.one_of(st.lists(v), st.dictionaries(TEXT, v)), max_leaves=10)


@given(st.dictionaries(TEXT, VALUES, max_size=6))
def test_any_result_becomes_json_that_a_terminal_takes(result: dict[str, object]) -> None:
    text = dump(result)
    text.encode("utf-8")
    kept = {k for k in result if not k.startswith("_ansible_")} - {
        *("failed", "skipped", "exception", "diff", "invocation")
    }
    assert len(json.loads(text)) == len({k.encode("utf-8", "backslashreplace") for k in kept})


@given(st.lists(st.sampled_from(["a", 1, Secret("hunter2"), {"deep": [Secret("hunter2")]}])))
def test_secrets_never_show(values: list[object]) -> None:
    assert "hunter2" not in dump({"values": values}, verbose=True)
    assert "hunter2" not in diff_text({"before": {"v": values}, "after": {}})


def test_what_debug_says_is_its_message_or_its_variable() -> None:
    assert spoken({"msg": 1, "changed": False, "_ansible_verbose_always": True}) == {
        "msg": 1,
        "_ansible_verbose_always": True,
    }
    assert spoken({"some.var": 1, "changed": False, "failed": False}) == {"some.var": 1}


def test_censoring_keeps_status_and_change_only() -> None:
    found = censored(Outcome(Status.FAILED, {"msg": "hunter2", "changed": True}, "hunter2", ignored=True))
    assert "hunter2" not in repr(found)
    assert found.status is Status.FAILED
    assert found.ignored
    assert found.result["changed"] is True


def test_several_diffs_follow_each_other() -> None:
    one = {"before": "", "after": "x\n"}
    assert diff_text([one, one]).count("+x") == 2
    assert diff_text(None) == diff_text({"before": "same", "after": "same"}) == ""
    assert diff_text({"prepared": "as it is"}) == "as it is\n"
