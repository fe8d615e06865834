"""HAProxy as a container that orchestr8 keeps on an edge host, for all projects that have an edge there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from orchestr8.core.errors import HostFailed
from orchestr8.deploy.model import Limits, Mount, Replica, Restart, ServiceSpec, Workload, labels_of
from orchestr8.engine.ports import Become, Connection
from orchestr8.engine.services.ports import Runtime
from orchestr8.traffic.haproxy_config import Whole, render
from orchestr8.traffic.haproxy_names import refused
from orchestr8.traffic.haproxy_socket import HaproxySocket
from orchestr8.traffic.host_files import HostFiles

IMAGE = "docker.io/library/haproxy:3.0-alpine"
"""What runs where nobody says otherwise: a version with long support."""

OWNER = "o8.edge"
"""The project that containers of balancers are labelled with; they serve all projects of their host."""

SERVICE = "haproxy"

FOLDER = ".edge/haproxy"
"""Where its file, certificates and sockets are, in the folder that orchestr8 has on a host."""

MARK = "O8_EDGE"
"""The variable that a HAProxy has the name of its container in.

Its process id and the second of its start would not do: containers that begin in one second have the same.
"""

_GRACE = 60.0
_STARTED = 15.0
_CHECKED = 30.0


def container(image: str, folder: str) -> ServiceSpec:
    """Return the container: in the host's network, so that ports and clients' addresses are what they are.

    With `-x` it takes over the listening sockets of the one before it, so that no connection is lost.
    Its signal to stop lets it end what it has begun.
    """
    workload = Workload(
        image=image,
        entrypoint=("haproxy",),
        command=(
            *("-W", "-db", "-S", f"{folder}/master.sock,mode,600"),
            *("-f", f"{folder}/haproxy.cfg", "-x", f"{folder}/admin.sock"),
        ),
        mounts=(Mount("bind", folder, folder),),
        network_mode="host",
        user="0",
        working_dir="/",
        stop_signal="SIGUSR1",
        stop_grace=_GRACE,
        limits=Limits(restart=Restart("always")),
    )
    return ServiceSpec(SERVICE, workload)


class ManagedFiles(HostFiles):
    """Keeps the container as well as its file.

    Without an `image` a container that runs already is left as it is. Another image replaces it: the new one
    takes over its sockets, and the old one ends its requests.
    """

    def __init__(
        self,
        host: str,
        connection: Callable[[], Connection],
        runtime: Runtime,
        root: str,
        *,
        image: str = "",
        become: Become | None = None,
    ) -> None:
        super().__init__(host, connection, f"{root}/{FOLDER}", become=become, check=self._inside)
        self._runtime, self._image = runtime, image
        self._admin = HaproxySocket(host, self.open)
        self._name = ""

    def standing(self) -> bool:
        """Whether a container runs."""
        return any(replica.state == "running" for replica in self._containers())

    def ready(self) -> None:
        """Have one container running, of the image that is asked for."""
        found = self._containers()
        spec = container(self._image or IMAGE, self.folder)
        name = _name(spec)
        if not self._image and found and name not in {replica.name for replica in found}:
            name = next((r.name for r in found if r.state == "running"), found[0].name)
        self._name = name
        others = [replica for replica in found if replica.name != name]
        if not any(replica.name == name and replica.state == "running" for replica in found):
            self._make(name, spec, found)
            self._start(name, alone=not any(replica.state == "running" for replica in found))
        for replica in others:
            self._runtime.stop(replica.name, _GRACE)
            self._runtime.remove(replica.name)

    def _containers(self) -> list[Replica]:
        return [r for r in self._runtime.look(OWNER, {}).replicas if r.service == SERVICE]

    def _make(self, name: str, spec: ServiceSpec, found: Sequence[Replica]) -> None:
        """Have the container and its file; a stopped one of the same kind may be too old to know its name."""
        kept = self.look()
        if not kept.digest:
            self.place(render(Whole(self.head or "", {}, "", own=True), self.folder), "")
        there = name in {replica.name for replica in found}
        if there and name != _name(spec):
            return
        self._runtime.pull(spec.workload.image, lambda _: None)
        if there:
            self._runtime.remove(name)
        marked = replace(spec, workload=replace(spec.workload, environment={MARK: name}))
        self._runtime.create(name, marked, labels_of(OWNER, spec, 1, 1, ""))

    def _start(self, name: str, *, alone: bool) -> None:
        """Start the container; where it runs alone, it need not know its name to be the one that answers."""
        self._runtime.start(name)
        fine = (name, "") if alone else (name,)
        deadline = time.monotonic() + _STARTED
        while self._answering() not in fine:
            if time.monotonic() > deadline:
                log = "; ".join(self._runtime.post_mortem(name).log[-5:])
                raise refused(f"{self.host}: HAProxy does not start: {log or 'it says nothing'}")
            time.sleep(0.1)

    def _answering(self) -> str | None:
        """Return the container whose HAProxy answers: an empty text for one without a name, None for none."""
        try:
            return self._admin.ask(f"show env {MARK}").partition("=")[2]
        except HostFailed:
            return None

    def _inside(self, command: Sequence[str]) -> tuple[int, str]:
        return self._runtime.execute(self._name, command, _CHECKED)


def _name(spec: ServiceSpec) -> str:
    return f"o8-edge-haproxy-{spec.workload.spec_hash[:8]}"
