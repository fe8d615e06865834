"""A plan as a file: what is in it, who may use it, and when it does not hold any more."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestr8.app.apply import require_same
from orchestr8.app.request import RunRequest
from orchestr8.app.saved_plan import SavedPlan, read
from orchestr8.core import event as ev
from orchestr8.core.errors import InvalidInput, PlanStale
from orchestr8.core.outcome import Outcome, Status
from orchestr8.report.forecast import Forecast

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ASKED = RunRequest(playbooks=("site.yml",), inventory=("prod",), extra_vars=("version=v2",), as_json=True)


def foretold(after: str = "new\n", hosts: int = 2) -> Forecast:
    forecast = Forecast()
    forecast.emit(ev.TaskStarted("0.0", "Write", "copy"))
    for number in range(1, hosts + 1):
        diff = {"before": "old\n", "after": after}
        outcome = Outcome(Status.CHANGED, {"changed": True, "diff": diff})
        forecast.emit(ev.HostFinished("0.0", f"web{number}", outcome))
    forecast.emit(ev.RunFinished("r", {}, 0, 0.1))
    return forecast


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "p"
    path.write_text(SavedPlan.of(ASKED, foretold(), NOW).to_text())
    return path


def test_a_saved_plan_knows_what_was_asked_and_not_how_it_was_shown(saved: Path) -> None:
    request = read(str(saved)).request({"plain": True})
    assert (request.playbooks, request.inventory, request.extra_vars) == (
        ASKED.playbooks,
        ASKED.inventory,
        ASKED.extra_vars,
    )
    assert (request.as_json, request.plain, request.check) == (False, True, False)
    assert "new" not in saved.read_text()


def test_a_plan_that_somebody_altered_is_refused(saved: Path) -> None:
    data = json.loads(saved.read_text())
    data["asked"]["extra_vars"] = ["version=v3"]
    saved.write_text(json.dumps(data))
    with pytest.raises(InvalidInput, match="seal"):
        read(str(saved))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', "\x00"])
def test_what_is_no_plan_is_refused(saved: Path, text: str) -> None:
    saved.write_text(text)
    with pytest.raises(InvalidInput, match="no saved plan"):
        read(str(saved))


def test_a_plan_is_good_for_an_hour(saved: Path) -> None:
    plan = read(str(saved))
    plan.require_young(NOW + timedelta(minutes=59))
    with pytest.raises(PlanStale, match="61 minutes"):
        plan.require_young(NOW + timedelta(minutes=61))


def test_a_plan_holds_as_long_as_the_same_would_be_done(saved: Path) -> None:
    plan = read(str(saved))
    require_same(plan, foretold())
    with pytest.raises(PlanStale) as other:
        require_same(plan, foretold("newer\n"))
    assert "web1: copy Write: would change otherwise than planned" in other.value.diagnostics[0].notes
    with pytest.raises(PlanStale) as fewer:
        require_same(plan, foretold(hosts=1))
    assert fewer.value.diagnostics[0].notes == ("web2: copy Write: would not change any more",)
    with pytest.raises(PlanStale) as more:
        require_same(plan, foretold(hosts=3))
    assert more.value.diagnostics[0].notes == (
        "web3: copy Write: would change now, and did not when planned",
    )
