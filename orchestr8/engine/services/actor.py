"""Carries actions out on their hosts; doing one twice does no harm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

from orchestr8.core.errors import Diagnostic, HostFailed, LockHeld, O8Error, Unreachable
from orchestr8.core.event import RolloutEvent, Warned
from orchestr8.deploy.action import ROADWORK
from orchestr8.deploy.calendar import calendar
from orchestr8.deploy.model import Action, Failure, ServiceSpec, Timer, keep_tag, labels_of
from orchestr8.engine.ports import Sink
from orchestr8.engine.services.failpoints import At, nowhere
from orchestr8.engine.services.ledger import Ledger
from orchestr8.engine.services.observer import Crew
from orchestr8.engine.services.ports import Copy, EngineError, Site
from orchestr8.engine.services.together import together

TOUCHING = (
    "create",
    "start",
    "stop",
    "remove",
    "rename",
    "update_inplace",
    "set_timer",
    "drop_timer",
    *ROADWORK,
)
_TOLD = (*TOUCHING, "pull")
_TRIES = 5
_LEAST_COPIES = 2
_BUILT_IN = ("", "bridge", "host", "none", "default")


@dataclass(frozen=True, slots=True)
class Means:
    """What actions need beside the hosts. `grace` is how long a container may take to stop.

    may: raises LockHeld when a host may not be changed (any more). at: told before and after each effect.
    """

    crew: Crew
    ledger: Ledger
    sink: Sink
    run: str
    grace: Callable[[str, int], float]
    keep: Callable[[str], int]
    keepers: Callable[[str], Sequence[str]]
    may: Callable[[str], None]
    at: At = nowhere


class Actor:
    """Acts on hosts at once, in order within a chain; remembers what was touched."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._tries: Counter[str] = Counter()
        self.touched: Counter[str] = Counter()

    def act(self, actions: Sequence[Action]) -> list[Failure]:
        """Carry the actions of one decision out and return what failed."""
        todo = [a for a in actions if a.kind != "wait_ready"]
        chains = [list(chain) for _, chain in groupby(sorted(todo, key=_chain), key=_chain)]
        failures = together(self._run, chains, self._means.crew.forks)
        return [failure for failure in failures if failure is not None]

    def _run(self, chain: Sequence[Action]) -> Failure | None:
        for action in chain:
            failure = self._one(action)
            if failure is not None:
                return failure
        return None

    def _one(self, action: Action) -> Failure | None:
        if action.kind == "record":
            self._record(action)
            return None
        self._tell(action)
        crew = self._means.crew
        try:
            if action.host in crew.sites:
                self._means.may(action.host)
            self._means.at(f"{action.kind}.before")
            if action.kind in ROADWORK:
                self._lead(action)
            else:
                self._perform(crew.sites[action.host], action)
            self._means.at(f"{action.kind}.after")
        except (EngineError, HostFailed, Unreachable) as error:
            return self._failed(action, error)
        if action.kind in TOUCHING:
            self.touched[action.host] += 1
        return None

    def _failed(self, action: Action, error: O8Error) -> Failure | None:
        """Return the failure, told once; an image that cannot be kept by a tag is no reason to stop."""
        self._tries[action.key] += 1
        if self._tries[action.key] == 1:
            warning = Diagnostic("O8-3308", error.message, severity="warning")
            self._means.sink.emit(Warned(warning))
        if action.kind in ("pin", "unpin"):
            return None
        final = getattr(error, "permanent", False) or self._tries[action.key] >= _TRIES
        return Failure(action, error.message, permanent=final)

    def _perform(self, site: Site, action: Action) -> None:
        runtime, means = site.runtime, self._means
        tag = keep_tag(means.crew.project, action.service, action.revision)
        match action.kind:
            case "pull":
                runtime.pull(action.image, lambda _: None)
            case "pin":
                runtime.pin(action.image, tag)
            case "unpin":
                runtime.unpin(tag)
            case "create":
                self._create(site, action, _spec(action))
            case "start":
                runtime.start(action.name)
            case "stop":
                runtime.stop(action.name, means.grace(action.service, action.revision))
            case "remove":
                runtime.remove(action.name)
            case "set_timer" | "drop_timer":
                self._timer(site, action)
            case "update_inplace":
                runtime.update(action.name, _spec(action))
            case _:
                raise ValueError(action.kind)

    def _timer(self, site: Site, action: Action) -> None:
        timer = None
        if action.kind == "set_timer":
            spec = _spec(action)
            timer = Timer(action.service, action.slot, action.name, spec.schedule)
            known = self._means.ledger.watchmakers.get(action.host)
            by_cron = known is not None and known.kind == "cron"
            site.records.set_timer(timer, calendar(spec.schedule).cron() if by_cron else "")
        else:
            site.records.drop_timer(action.service, action.slot)
        self._means.ledger.timed(action.host, action.service, action.slot, timer)

    def _lead(self, action: Action) -> None:
        if self._means.crew.roads is not None:
            self._means.crew.roads.lead(action)

    def _create(self, site: Site, action: Action, spec: ServiceSpec) -> None:
        labels = labels_of(self._means.crew.project, spec, action.slot, action.revision, self._means.run)
        for network in spec.workload.networks:
            if network.name not in _BUILT_IN:
                site.runtime.ensure_network(network.name)
        for mount in spec.workload.mounts:
            if mount.type == "volume" and mount.source:
                site.runtime.ensure_volume(mount.source, {"o8.project": self._means.crew.project})
        files = self._files(site, spec)
        self._means.at("create.within")
        site.runtime.create(action.name, spec, labels, files)

    def _files(self, site: Site, spec: ServiceSpec) -> dict[str, str]:
        """Have the spec's files on the host; return their paths there by their paths in the container."""
        files = spec.workload.files
        if not files:
            return {}
        paths = site.files.put(spec.name, list(files.values()))
        return {target: paths[file.name] for target, file in files.items()}

    def _record(self, action: Action) -> None:
        """Write a record to the hosts that keep it; a rollout goes on only when enough of them have it."""
        if action.revision_record is None:
            return
        means = self._means
        copy = means.ledger.next_copy(action.revision_record)
        keepers = means.ledger.keepers(action.service, means.keepers(action.service))
        missing = together(lambda host: self._kept(host, copy), keepers, means.crew.forks)
        errors = [error for error in missing if error is not None]
        if len(keepers) - len(errors) < min(_LEAST_COPIES, len(keepers)) or not keepers:
            message = f"revision {action.revision} of `{action.service}` cannot be recorded on enough hosts"
            raise HostFailed(
                Diagnostic("O8-3301", message), *(d for error in errors for d in error.diagnostics)
            )

    def _kept(self, host: str, copy: Copy) -> O8Error | None:
        service = copy.revision.service
        forget = self._means.ledger.outdated(service, self._means.keep(service))
        files = self._means.ledger.files(service)
        try:
            self._means.may(host)
            self._means.at("record.before")
            self._means.crew.sites[host].records.write([copy], forget)
            self._means.at("record.after")
        except LockHeld:
            raise
        except O8Error as error:
            return error
        self._means.ledger.written(host, [copy], forget)
        self._drop_files(host, copy, files, [number for _, number in forget])
        return None

    def _drop_files(
        self, host: str, copy: Copy, files: Mapping[int, frozenset[str]], gone: Collection[int]
    ) -> None:
        """Remove the files that only forgotten revisions had; what stays behind does no harm."""
        kept = {file.name for file in copy.revision.spec.workload.files.values()}
        kept.update(name for number, names in files.items() if number not in gone for name in names)
        if any(files.get(number, frozenset()) - kept for number in gone):
            with suppress(O8Error):
                self._means.crew.sites[host].files.keep(copy.revision.service, kept)

    def _tell(self, action: Action) -> None:
        if action.kind not in _TOLD:
            return
        name = action.name or action.image
        message = f"{name} ({action.reason})" if action.reason else name
        self._means.sink.emit(
            RolloutEvent(
                action.service, action.kind, action.host, action.slot or None, action.revision, message
            )
        )


def _chain(action: Action) -> tuple[str, str, int, str]:
    return (action.service, *action.chain)


def _spec(action: Action) -> ServiceSpec:
    if action.spec is None:
        raise ValueError(f"{action.key} has no spec")
    return action.spec
