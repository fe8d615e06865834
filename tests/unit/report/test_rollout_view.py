"""The live view of a rollout as it stands on a terminal."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from orchestr8.deploy.gate.tally import Tally
from orchestr8.deploy.onlooker import Picture, Row
from orchestr8.report.rollout_view import view


def shown(now: Picture) -> list[str]:
    out = StringIO()
    Console(file=out, width=120, force_terminal=False).print(view(now))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_a_rollout_is_drawn_with_what_people_ask_first() -> None:
    now = Picture(
        "api",
        42,
        "acme/api:1.9.0",
        41,
        "acme/api:1.8.2",
        "canary",
        "pending",
        step=3,
        steps=("scale 1", "weight 25%", "check errors", "scale 100%"),
        holder="ci (o8 run)",
        traffic={41: 75, 42: 25},
        gates=(Tally("errors", 2, last="result 0.0021"), Tally("p95", 1, verdict="success")),
        rows=(
            Row("web02", 1, 42, "shop-api-1-42", "healthy"),
            Row("web05", 2, 41, "shop-api-2-41", "healthy"),
        ),
        silent={"web09": "no route"},
    )
    assert shown(now) == [
        "api  acme/api:1.8.2 → acme/api:1.9.0  canary  revision 41 → 42",
        " step 3 of 4: check errors",
        " requests revision 41 ━━━━━━━━━━━━━━━━━━━━━━ 75 %",
        " requests revision 42 ━━━━━━━━               25 %",
        " … errors: 2 of 2 samples good; result 0.0021",
        " ✓ p95: 1 of 1 samples good",
        " SLOT  HOST   REVISION  HEALTH   CONTAINER",
        " 1     web02  42        healthy  shop-api-1-42",
        " 2     web05  41        healthy  shop-api-2-41",
        " web09: no answer: no route",
        " carried out by ci (o8 run) · Ctrl-C looks away, nothing stops · o8 promote|pause|abort api",
    ]


def test_a_way_back_and_a_wait_are_told() -> None:
    lines = shown(Picture("api", 2, "api:2", outcome="bad", reason="p95 too high"))
    assert " going back: p95 too high" in lines
    lines = shown(Picture("api", 2, "api:2", outcome="pending", waiting="approval"))
    assert " waits for approval" in lines
    assert any("nobody changes it now" in line for line in lines)
