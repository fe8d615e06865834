"""One call of a module on the host: its arguments converted, its surroundings set, its result made whole."""

import os
import sys
from typing import Any, Callable, Dict, Optional

from orchestr8.remote.arguments import converted
from orchestr8.remote.jsontext import dumps
from orchestr8.remote.module import Call, Failure, Module

__all__ = ["dumps", "find", "perform", "run"]


class Deadline(BaseException):
    """A call's time is over; no module's `except Exception` may catch it."""


def run(header: Dict[str, Any], blob: bytes, report: Callable[[str], None]) -> Dict[str, Any]:
    """Run the module a frame asks for and return its result; never raises."""
    timeout: Any = header.get("timeout")
    limit = header.get("background")

    def work() -> Dict[str, Any]:
        # A job outlives the connection: there is nobody to whom it could report lines of output.
        return perform(find(header["unit"], header["module"]), header, blob, None if limit else report)

    def begin() -> Dict[str, Any]:
        with _Surroundings(header.get("environ") or {}, timeout):
            if limit:
                from orchestr8.remote import background

                return background.start(limit, work)
            return work()

    try:
        return guarded(begin)
    except Deadline:
        msg = "Timed out after %g second(s): the %s action was ended." % (timeout, header["module"])
        return {"failed": True, "msg": msg, "timedout": {"period": timeout}}


def guarded(work: Callable[[], Dict[str, Any]]) -> Dict[str, Any]:
    """Return the result of a piece of work, a failed one for whatever it raises."""
    try:
        return work()
    except Failure as failure:
        return dict({"failed": True, "changed": False, "msg": failure.msg}, **failure.result)
    except SystemExit as error:
        return {"failed": True, "msg": "the module ended its process with %s" % error.code}
    except Exception as error:  # noqa: BLE001 -- whatever a module does, the runner goes on
        return _crash(error)


def find(unit: str, name: str) -> Module:
    """Return a new module `name` out of the code unit that defines it."""
    __import__(unit)
    for value in vars(sys.modules[unit]).values():
        if isinstance(value, type) and issubclass(value, Module) and value.name == name:
            return value()
    raise Failure("the code of module %s does not define it" % name)


def perform(
    module: Module, header: Dict[str, Any], blob: bytes = b"", report: Optional[Callable[[str], None]] = None
) -> Dict[str, Any]:
    """Convert the arguments, run the module, and return its result; a Failure becomes a failed result."""
    check = bool(header.get("check"))
    if check and not module.check_mode:
        msg = "remote module (%s) does not support check mode" % module.name
        return {"skipped": True, "changed": False, "msg": msg}
    call = None
    try:
        args = converted(module, header.get("args") or {})
        call = Call(
            args,
            check=check,
            diff=bool(header.get("diff")),
            blob=blob,
            environ=header.get("environ") or {},
            cwd=header.get("cwd"),
            timeout=header.get("timeout"),
            progress=report,
        )
        result = dict(module.run(call))
    except Failure as failure:
        result = {"failed": True, "msg": failure.msg}
        result.update(failure.result)
    result.setdefault("changed", False)
    if call is not None and call.warnings:
        result["warnings"] = list(result.get("warnings") or ()) + call.warnings
    return result


def _crash(error: BaseException) -> Dict[str, Any]:
    import traceback

    lines = traceback.format_exception(type(error), error, error.__traceback__)
    where = _place(error)
    msg = "Task failed: Module failed: %s [%s%s]" % (str(error)[:2000], type(error).__name__, where)
    return {"failed": True, "changed": False, "msg": msg, "exception": "".join(lines)[-8000:]}


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return " at %s:%d" % (trace.tb_frame.f_code.co_filename.strip("<>"), trace.tb_lineno)


def _alarm(*_: Any) -> None:
    raise Deadline


class _Surroundings:
    """The environment and the alarm of one call; also puts back what a module leaves moved."""

    def __init__(self, environ: Dict[str, str], timeout: Optional[float]) -> None:
        self._environ = environ
        self._timeout = timeout
        self._before: Optional[Dict[str, str]] = None
        self._umask = 0

    def __enter__(self) -> None:
        if self._environ:
            self._before = dict(os.environ)
            os.environ.update({str(name): str(value) for name, value in self._environ.items()})
        if self._timeout:
            import _signal  # type: ignore[import-not-found]

            _signal.signal(_signal.SIGALRM, _alarm)
            _signal.setitimer(_signal.ITIMER_REAL, float(self._timeout))

    def __exit__(self, *_: object) -> None:
        if self._timeout:
            import _signal

            _signal.setitimer(_signal.ITIMER_REAL, 0)
        if self._before is not None:
            os.environ.clear()
            os.environ.update(self._before)
