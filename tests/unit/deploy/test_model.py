"""Specs, records and their hashes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from orchestr8.core.secret import MASK, Secret
from orchestr8.deploy.diff import changes
from orchestr8.deploy.model import (
    Amount,
    Claim,
    HostFacts,
    Limits,
    Mount,
    Observed,
    PortBinding,
    Revision,
    ServiceSpec,
    Update,
    Workload,
    container_name,
    labels_of,
    last_good,
    read_claim,
    tampered,
)
from orchestr8.deploy.planner import plan
from orchestr8.deploy.rollout.retain import expired
from orchestr8.deploy.target import desire, go_back, revision_for

WORK = Workload(
    "app:1",
    "app@sha256:1",
    command=("run", "it"),
    environment={"A": "1", "KEY": Secret("hush")},
    ports=(PortBinding(80, host_port=8080),),
    mounts=(Mount("volume", "/data", "data"),),
)
WEB = ServiceSpec("web", WORK, replicas=2, update=Update(max_surge=Amount(25, percent=True)))


def chain(*outcomes: str) -> list[Revision]:
    parent, records = "", []
    for number, outcome in enumerate(outcomes, 1):
        spec = replace(WEB, workload=replace(WORK, pinned=f"app@{number}"))
        record = Revision("web", number, spec, outcome=outcome).sealed(parent)  # type: ignore[arg-type]
        parent = record.checksum
        records.append(record)
    return records


def seen(*records: Revision) -> Observed:
    return Observed((HostFacts("h1"),), (), {"web": records})


def test_a_spec_survives_as_json() -> None:
    assert ServiceSpec.from_json(json.loads(json.dumps(WEB.to_json()))) == WEB


def test_a_record_survives_as_json_and_an_altered_one_is_refused() -> None:
    record = replace(chain("good")[0], placements={1: "h1"}, created="2026-01-01", by="me")
    data = json.loads(json.dumps(record.to_json()))
    assert Revision.from_json(data) == record
    data["spec"]["replicas"] = 9
    with pytest.raises(ValueError, match="altered"):
        Revision.from_json(data)
    with pytest.raises(ValueError, match="newer format"):
        Revision.from_json({**record.to_json(), "format": 99})


def test_a_broken_chain_is_found_and_an_outcome_breaks_nothing() -> None:
    records = chain("good", "bad", "good")
    assert tampered(records) is None
    assert tampered(records[1:]) is None
    assert tampered([replace(r, outcome="good", placements={1: "h1"}) for r in records]) is None
    assert tampered([records[0], replace(records[1], spec=WEB), records[2]]) == 2
    assert tampered([records[0], records[2]]) == 3


def test_the_hash_follows_what_needs_a_new_container() -> None:
    assert replace(WORK, image="app:other").spec_hash == WORK.spec_hash
    assert replace(WORK, limits=Limits(cpus=1.0)).spec_hash == WORK.spec_hash
    assert replace(WORK, pinned="app@sha256:2").spec_hash != WORK.spec_hash
    assert replace(WORK, environment={"A": "1", "KEY": Secret("x")}).spec_hash != WORK.spec_hash
    reordered = replace(WORK, environment=dict(reversed(WORK.environment.items())))
    assert reordered.spec_hash == WORK.spec_hash


def test_the_digest_follows_what_is_deployed_and_not_how() -> None:
    assert replace(WEB, update=Update(), revisions=9).digest == WEB.digest
    assert replace(WEB, replicas=3).digest != WEB.digest


def test_labels_tell_the_claim() -> None:
    single = replace(WEB, replicas=1)
    labels = labels_of("shop", single, 2, 7, "run1")
    assert labels["o8.slot"] == "2"
    assert labels["o8.spec-hash"] == WORK.spec_hash
    assert read_claim(labels) == Claim(ports=(("", 8080, "tcp"),), volumes=("data",))
    assert read_claim({"o8.claim": "{broken"}) == Claim()
    assert container_name("shop", "web", 2, 7) == "shop-web-2-7"


def test_secrets_are_masked_in_differences() -> None:
    other = replace(WEB, workload=replace(WORK, environment={"A": "2", "KEY": Secret("new")}))
    found = {c.field: c for c in changes(WEB, other)}
    assert (found["environment.KEY"].before, found["environment.KEY"].after) == (MASK, MASK)
    assert str(found["environment.A"]) == "environment.A: 1 → 2"
    assert "hush" not in json.dumps(plan([desire("p", other, seen())], seen()).to_json())


def test_differences_name_their_effect() -> None:
    other = replace(WEB, replicas=3, workload=replace(WORK, limits=Limits(memory=2**29), user="app"))
    assert {(str(c), c.effect) for c in changes(WEB, other)} == {
        ("replicas: 2 → 3", "none"),
        ("limits.memory: – → 512M", "in-place"),
        ("user: – → app", "replace"),
    }


@pytest.mark.parametrize(
    ("outcomes", "spec", "number"),
    [
        ((), 1, 1),
        (("good",), 1, 1),
        (("good",), 2, 2),
        (("good", "bad"), 1, 1),
        (("good", "bad"), 2, 3),
        (("good", "pending"), 2, 2),
        (("good", "pending"), 1, 3),
        (("good", "good"), 1, 3),
    ],
)
def test_revision_numbers(outcomes: tuple[str, ...], spec: int, number: int) -> None:
    wanted = replace(WEB, workload=replace(WORK, pinned=f"app@{spec}"))
    assert revision_for(wanted, seen(*chain(*outcomes))) == number


def test_going_back_finds_the_good_revision_before() -> None:
    assert go_back("p", "web", seen(*chain("good", "bad", "good"))).spec.workload.pinned == "app@1"
    assert go_back("p", "web", seen(*chain("good", "pending"))).spec.workload.pinned == "app@1"
    assert go_back("p", "web", seen(*chain("good", "good", "good")), to=1).rollback_of == 1
    with pytest.raises(LookupError, match="no earlier good revision"):
        go_back("p", "web", seen(*chain("good")))
    with pytest.raises(LookupError, match="no revision 9"):
        go_back("p", "web", seen(*chain("good")), to=9)


def test_failed_attempts_push_out_nothing_that_one_can_go_back_to() -> None:
    records = chain("good", "good", "good", *["bad"] * 9)
    assert expired(records, 2) == {1, *range(4, 11)}
    assert expired(chain("good", "bad", "good", "good"), 2) == {1, 2}
    assert expired(chain("bad", "bad", "bad"), 2) == {1}


def test_the_last_good_record_never_expires() -> None:
    records = chain("good", "bad", "bad", "bad")
    assert expired(records, 2) == {2}
    assert expired(chain("good", "pending"), 1) == set()
    newest = last_good(records)
    assert newest is not None
    assert newest.number == 1
