"""What a module is: typed arguments, and either a comparable state or an honest action.

Runs on the host, Python 3.6 and later, standard library only. The controller imports the same classes to
check arguments and to write the module reference.
"""

from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple


class Arg:
    """One argument of a module.

    type: str, bool, int, float, list, dict, path, raw, bits (file mode), bytes (sizes such as 1M).
    elements: type of a list's items. options: arguments of a dict, or of each dict in a list.
    """

    def __init__(
        self,
        type: str = "str",  # noqa: A002 -- the word playbook authors know
        doc: str = "",
        *,
        default: Any = None,
        required: bool = False,
        choices: Optional[Sequence[Any]] = None,
        aliases: Sequence[str] = (),
        elements: Optional[str] = None,
        options: Optional[Dict[str, "Arg"]] = None,
        secret: bool = False,
    ) -> None:
        self.type = type
        self.doc = doc
        self.default = default
        self.required = required
        self.choices = choices
        self.aliases = tuple(aliases)
        self.elements = elements
        self.options = options
        self.secret = secret


class Failure(Exception):
    """A module could not do its work; `result` is what the user sees beside the message."""

    def __init__(self, msg: str, **result: Any) -> None:
        Exception.__init__(self, msg)
        self.msg = msg
        self.result = result


def _ignore(line: str) -> None:
    del line


class Call:
    """One call of a module: its checked arguments, and what it may know and use of its surroundings.

    args: every declared argument is present (default or None), aliases are resolved, types are converted.
    blob: bytes the controller sent along (a file's content). progress: reports a line of live output.
    """

    def __init__(
        self,
        args: Dict[str, Any],
        *,
        check: bool = False,
        diff: bool = False,
        blob: bytes = b"",
        environ: Optional[Dict[str, str]] = None,
        cwd: Optional[str] = None,
        timeout: Optional[float] = None,
        progress: Optional[Callable[[str], None]] = None,
    ) -> None:
        self.args = args
        self.check = check
        self.diff = diff
        self.blob = blob
        self.environ = environ or {}
        self.cwd = cwd
        self.timeout = timeout
        self.progress = progress or _ignore
        self.warnings: List[str] = []

    def __getitem__(self, name: str) -> Any:
        return self.args[name]


class Module:
    """An action that cannot be compared with a wanted state; says itself whether it changed anything.

    name: as in playbooks. free_form: the argument that takes a bare string after the module's name.
    check_mode: whether `run` honours `call.check`; otherwise check mode skips the module.
    exclusive, together, one_of: groups of argument names. required_if: (argument, value, needed names).
    required_by: argument → those it cannot be without.
    """

    name = ""
    args: Dict[str, Arg] = {}
    free_form: Optional[str] = None
    check_mode = True
    exclusive: Sequence[Tuple[str, ...]] = ()
    together: Sequence[Tuple[str, ...]] = ()
    one_of: Sequence[Tuple[str, ...]] = ()
    required_if: Sequence[Tuple[str, Any, Tuple[str, ...]]] = ()
    required_by: Dict[str, Tuple[str, ...]] = {}

    def run(self, call: Call) -> Dict[str, Any]:
        """Do the work; return Ansible's keys for this module, with `changed` at least."""
        raise NotImplementedError


class StateModule(Module):
    """A module that compares what is with what should be; check mode, diff and idempotence come with it.

    States are plain dicts of the compared properties. Only a property present in `want` is compared.
    """

    def read(self, call: Call) -> Dict[str, Any]:
        """Return what is."""
        raise NotImplementedError

    def want(self, call: Call, now: Dict[str, Any]) -> Dict[str, Any]:
        """Return what should be, given what is."""
        raise NotImplementedError

    def apply(self, call: Call, now: Dict[str, Any], want: Dict[str, Any]) -> None:
        """Make it so; called only when something differs and not in check mode."""
        raise NotImplementedError

    def result(self, call: Call, now: Dict[str, Any], want: Dict[str, Any]) -> Dict[str, Any]:
        """Return the module's own keys of the result; called after `apply`."""
        return {}

    def shown(self, call: Call, state: Dict[str, Any]) -> Any:
        """Return what a diff shows of a state: a dict, or text."""
        return state

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare, and repair what differs."""
        now = self.read(call)
        want = self.want(call, now)
        delta = {key: value for key, value in want.items() if key not in now or now[key] != value}
        if delta and not call.check:
            self.apply(call, now, want)
        result: Dict[str, Any] = {"changed": bool(delta)}
        if call.diff and delta:
            after = dict(now)
            after.update(want)
            result["diff"] = {"before": self.shown(call, now), "after": self.shown(call, after)}
        result.update(self.result(call, now, want))
        return result
