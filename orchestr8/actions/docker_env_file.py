"""A file of a host with environment variables, as `docker run --env-file` reads it."""

from __future__ import annotations

import base64
from typing import Any

from orchestr8.actions.docker_resources import wrong
from orchestr8.core.secret import Secret
from orchestr8.engine.work import Work


def environment(work: Work) -> dict[str, Any]:
    """Return the variables of `env_file` with those of `env` over them."""
    given = dict(work.args.get("env") or {})
    if not work.args.get("env_file"):
        return given
    got = work.call("slurp", {"src": work.args["env_file"]})
    if got.get("failed"):
        raise wrong(f"env_file: {got.get('msg')}")
    lines = base64.b64decode(got["content"]).decode("utf-8", "replace").splitlines()
    pairs = (line.partition("=") for line in map(str.strip, lines) if line and not line.startswith("#"))
    return {**{key: Secret(value) for key, sign, value in pairs if sign}, **given}
