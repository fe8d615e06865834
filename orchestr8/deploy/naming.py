"""Names and labels of containers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from orchestr8.deploy.codec import load, plain
from orchestr8.deploy.service import Claim, ServiceSpec, claim_of

PROJECT = "o8.project"
SERVICE = "o8.service"
REVISION = "o8.revision"
SLOT = "o8.slot"
RUN = "o8.run"
SPEC_HASH = "o8.spec-hash"
CLAIM = "o8.claim"


def container_name(project: str, service: str, slot: int, revision: int) -> str:
    """Return the name that makes creating a container idempotent."""
    return f"{project}-{service}-{slot}-{revision}"


def keep_tag(project: str, service: str, revision: int) -> str:
    """Return the tag that keeps a revision's image on a host."""
    return f"o8-keep/{project}/{service}:{revision}"


def labels_of(project: str, spec: ServiceSpec, slot: int, revision: int, run: str) -> dict[str, str]:
    """Return all labels of a new container, the user's own first."""
    claim = json.dumps(plain(claim_of(spec)), sort_keys=True, separators=(",", ":"))
    return {
        **spec.workload.labels,
        PROJECT: project,
        SERVICE: spec.name,
        REVISION: str(revision),
        SLOT: str(slot),
        RUN: run,
        SPEC_HASH: spec.workload.spec_hash,
        CLAIM: claim,
    }


def read_claim(labels: Mapping[str, str]) -> Claim:
    """Return the claim a container's labels tell of; an unreadable one claims nothing."""
    try:
        return replace(load(Claim, json.loads(labels.get(CLAIM, "{}"))), by=labels.get(SERVICE, ""))
    except (ValueError, TypeError, AttributeError):
        return Claim()
