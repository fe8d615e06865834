"""The waves of a plan as few lines: what happens to slots, in which order, how many at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from orchestr8.deploy.action import COMPLETES, Action

_SILENT = ("record", "pin", "unpin", "wait_ready", "rename", "attach", "drain", "detach")
_SPOKEN = ("set_weight", "route", "check", "run")
_MOST = 12
Waves = Sequence[Sequence[Action]]


@dataclass(slots=True)
class _Fate:
    """What happens to one slot, or to one host when it is about an image: actions with their waves."""

    service: str
    slot: int
    host: str
    begins: int
    actions: list[Action] = field(default_factory=list)


def steps(waves: Waves) -> list[str]:
    """Return a line for each kind of thing that happens, in the order in which they begin."""
    several = len({a.service for wave in waves for a in wave}) > 1
    found: dict[tuple[str, str], list[_Fate]] = {}
    for fate in _fates(waves):
        found.setdefault((fate.service, _phrase(fate)), []).append(fate)
    lines = [(group[0].begins, _line(phrase, group), service) for (service, phrase), group in found.items()]
    told = [f"{service}: {text}" if several else text for _, text, service in sorted(lines)]
    return told or _records(waves)


def _records(waves: Waves) -> list[str]:
    """Return what is only written down."""
    return [
        f"record revision {a.revision} as {a.reason}" for wave in waves for a in wave if a.kind == "record"
    ]


def _fates(waves: Waves) -> Iterator[_Fate]:
    known: dict[tuple[str, str, int | str], _Fate] = {}
    for number, wave in enumerate(waves):
        for action in wave:
            if action.kind in _SILENT:
                continue
            key = _key(action)
            fate = known.setdefault(key, _Fate(action.service, action.slot, action.host, number))
            fate.actions.append(action)
    yield from known.values()


def _key(action: Action) -> tuple[str, str, int | str]:
    if action.kind in ("pull", "remove", "update_inplace"):
        return (action.service, action.kind, f"{action.host}/{action.name}")
    if action.kind in _SPOKEN:
        return (action.service, action.kind, action.reason)
    return (action.service, "", action.slot)


def _phrase(fate: _Fate) -> str:
    kinds = [a.kind for a in fate.actions if a.kind != "create"]
    stop = next((a for a in fate.actions if a.kind == "stop"), None)
    match kinds:
        case ["set_timer", *_]:
            return f"set a timer for {fate.actions[-1].reason}"
        case ["drop_timer"]:
            return "drop the timer"
        case ["pull"]:
            return f"pull {_short(fate.actions[0].image)}"
        case ["start"]:
            return "run to completion" if fate.actions[-1].reason == COMPLETES else "start"
        case ["start", "stop"]:
            return "replace, the new one first"
        case ["stop", "start"]:
            return "replace, the old one stops first"
        case ["stop"] if stop is not None:
            return f"stop ({stop.reason})" if stop.reason else "stop"
        case ["set_weight", *_]:
            return f"share requests: {fate.actions[0].reason}"
        case ["check" | "run" | "route", *_]:
            return fate.actions[0].reason
        case ["remove", *_]:
            return "remove stopped containers"
        case ["update_inplace", *_]:
            return "set limits of running containers"
    return ", ".join(kinds) or "create"


def _line(phrase: str, group: Sequence[_Fate]) -> str:
    group = sorted(group, key=lambda f: (f.begins, f.slot, f.host))
    if phrase.startswith("pull"):
        return f"{phrase} on {_listed(dict.fromkeys(f.host for f in group))}"
    if group[0].actions[0].kind in _SPOKEN:
        return phrase
    if phrase.startswith("remove"):
        return f"{phrase}: {_listed(f.actions[0].name for f in group)}"
    most = max(Counter(f.begins for f in group).values())
    pace = f", {most} at a time" if len(group) > most else ""
    return f"{phrase}{pace}: {_listed(map(_place, group))}"


def _place(fate: _Fate) -> str:
    """Return a slot and its host, or both hosts when it moves."""
    stops = [a.host for a in fate.actions if a.kind == "stop"]
    starts = [a.host for a in fate.actions if a.kind == "start"]
    if stops and starts and stops[0] != starts[0]:
        return f"{fate.slot} from {stops[0]} to {starts[0]}"
    return f"{fate.slot} on {fate.host}"


def _listed(places: Iterable[str]) -> str:
    found = list(places)
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return ", ".join(found[:_MOST]) + more


def _short(image: str) -> str:
    name, at, digest = image.partition("@sha256:")
    return f"{name}{at}{digest[:12]}" if at else image[:30]
