"""The part of `o8 status` about requests: members, shares and health as the balancers themselves tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestr8.app.services_fleet import Deployed
from orchestr8.deploy.edge_view import disagreements, edge_drift, edge_views
from orchestr8.deploy.model import Replica, Revision
from orchestr8.report.columns import columns

_COLUMNS = ("EDGE", "MEMBER", "REVISION", "SHARE", "STATE", "REQUESTS NOW")


def edges_of(found: Deployed, service: str) -> dict[str, Any]:
    """Return what each edge shows of a service, as JSON values by its name."""
    return {
        view.edge: {
            "error": view.error,
            "shares": {str(number): round(share, 2) for number, share in view.shares.items()},
            "members": [
                {
                    "name": m.name,
                    "revision": m.revision,
                    "share": round(m.share, 2),
                    "group": m.group,
                    "state": m.state,
                    "requests": m.current,
                }
                for m in view.members
            ],
        }
        for view in edge_views(found.observed, service)
    }


def odd_edges(
    found: Deployed, service: str, good: Revision | None, live: Sequence[Replica], *, under_way: bool
) -> Iterator[str]:
    """Yield where edges do not agree with each other, nor with the record unless a rollout is under way."""
    views = edge_views(found.observed, service)
    yield from disagreements(views)
    if under_way or good is None:
        return
    roads = found.rollout.crew.roads
    named = {} if roads is None else roads.edges([good.spec])
    edges = () if good.spec.ingress is None else named.get(good.spec.ingress.on, ())
    yield from edge_drift(views, good, edges, live)


def edge_lines(edges: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the table of members for people."""
    rows = [
        [edge, m["name"], str(m["revision"] or "?"), f"{m['share']:g}%", _state(m), str(m["requests"] or "")]
        for edge, view in edges.items()
        for m in view["members"]
    ]
    return columns(_COLUMNS, rows)


def _state(member: Mapping[str, Any]) -> str:
    return member["state"] if member["group"] == "stable" else f"{member['state']}, {member['group']}"
