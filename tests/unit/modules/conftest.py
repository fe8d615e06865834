"""Runs a module in this process, with its arguments converted as the runner converts them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from orchestr8.remote.arguments import converted
from orchestr8.remote.module import Call, Failure

Apply = Callable[..., dict[str, Any]]


@pytest.fixture
def apply() -> Apply:
    """`apply("file", path=..., check=False)` returns the module's result; a Failure is a failed result."""

    def run(
        module: str, *, check: bool = False, diff: bool = False, blob: bytes = b"", **args: Any
    ) -> dict[str, Any]:
        kind = importlib.import_module(f"orchestr8.remote.modules.{module}").MODULE
        timeout, environ = args.pop("timeout_", None), args.pop("environ_", None)
        try:
            call = Call(
                converted(kind, args), check=check, diff=diff, blob=blob, timeout=timeout, environ=environ
            )
            result = kind().run(call)
        except Failure as failure:
            return {"failed": True, "msg": failure.msg, **failure.result}
        return {**result, "warnings": call.warnings} if call.warnings else result

    return run
