"""How modules of users run commands."""

import os
import re
import select
import shlex
import subprocess
import time
from contextlib import suppress
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

from orchestr8.remote.own.converters import to_bytes, to_text
from orchestr8.remote.programs import FOLDERS

Output = Tuple[int, Any, Any]
_CHUNK = 1 << 16
_LINGER = 1.0


def get_bin_path(arg: str, opt_dirs: Optional[Sequence[str]] = None, required: Optional[bool] = None) -> str:
    """Return the path of a program; raise ValueError naming the places where it is not."""
    own = [folder for folder in opt_dirs or () if folder and os.path.exists(folder)]
    path = own + os.environ.get("PATH", "").split(os.pathsep)
    path += [folder for folder in FOLDERS if folder not in path and os.path.exists(folder)]
    if os.path.isabs(arg) and _runs(arg):
        return arg
    for folder in filter(None, path):
        if _runs(os.path.join(folder, arg)):
            return os.path.join(folder, arg)
    raise ValueError('Failed to find required executable "%s" in paths: %s' % (arg, os.pathsep.join(path)))


def _runs(path: str) -> bool:
    return os.path.exists(path) and not os.path.isdir(path) and os.access(path, os.X_OK)


class Commanding:
    """The part of a module that runs commands. run_command_environ_update: for every command."""

    run_command_environ_update: Dict[str, str]
    no_log_values: Any

    def fail_json(self, msg: str, **kwargs: Any) -> Any:
        """End in failure."""
        raise NotImplementedError

    def get_bin_path(
        self, arg: str, required: bool = False, opt_dirs: Optional[Sequence[str]] = None
    ) -> Optional[str]:
        """Return the path of a program; None, or failure where it is required, when there is none."""
        try:
            return get_bin_path(arg, opt_dirs=opt_dirs)
        except ValueError as error:
            if required:
                self.fail_json(str(error))
            return None

    def run_command(
        self,
        args: Any,
        check_rc: bool = False,
        close_fds: bool = True,
        executable: Any = None,
        data: Any = None,
        binary_data: bool = False,
        path_prefix: Optional[str] = None,
        cwd: Any = None,
        use_unsafe_shell: bool = False,
        prompt_regex: Any = None,
        environ_update: Any = None,
        umask: Optional[int] = None,
        encoding: Optional[str] = "utf-8",
        errors: str = "surrogate_or_strict",
        expand_user_and_vars: bool = True,
        pass_fds: Any = None,
        before_communicate_callback: Any = None,
        ignore_invalid_cwd: bool = True,
        handle_exceptions: bool = True,
    ) -> Output:
        """Run a command and return its exit code, output and error output.

        args: a list of words, or a text that is cut into words as a shell does (`use_unsafe_shell`: a shell
        runs it). data: for its standard input. prompt_regex: ends it when its output shows this question.
        """
        line = _line(args, use_unsafe_shell, expand_user_and_vars, executable)
        if line is None:
            self.fail_json("Argument 'args' to run_command must be list or string", rc=257)
        shown = self._shown(args)
        settings: Dict[str, Any] = {
            "executable": None if use_unsafe_shell else executable,
            "cwd": self._folder(cwd, ignore_invalid_cwd),
            "env": self._environ(environ_update, path_prefix),
            "close_fds": close_fds,
            "pass_fds": tuple(pass_fds or ()),
        }
        fed = None if data is None else to_bytes(data) if binary_data else to_bytes(data) + b"\n"
        try:
            rc, out, err = _run(line, settings, fed, umask, prompt_regex, before_communicate_callback)
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            if not handle_exceptions:
                raise
            number = getattr(error, "errno", None) or 257
            said = "Error executing command: %s" % error if not isinstance(error, OSError) else str(error)
            return self.fail_json(said, rc=number, stdout=b"", stderr=b"", cmd=shown)  # type: ignore[no-any-return]
        if encoding is not None:
            out, err = to_text(out, encoding, errors), to_text(err, encoding, errors)
        if rc == 257 and prompt_regex is not None:
            return (
                rc,
                out,
                "A prompt was encountered while running a command, but no input data was specified",
            )
        if rc != 0 and check_rc:
            said = to_text(err).rstrip()
            self.fail_json(said, cmd=shown, rc=rc, stdout=out, stderr=err)
        return rc, out, err

    def _folder(self, cwd: Any, ignore_invalid: bool) -> Optional[str]:
        if not cwd:
            return None
        folder = os.path.abspath(os.path.expanduser(os.fsdecode(cwd)))
        if os.path.isdir(folder):
            return folder
        if not ignore_invalid:
            self.fail_json("Provided cwd is not a valid directory: %s" % folder)
        return None

    def _environ(self, update: Any, prefix: Optional[str]) -> Dict[str, str]:
        whole = dict(os.environ)
        for name, value in {**self.run_command_environ_update, **(update or {})}.items():
            whole[str(name)] = str(value)
        if prefix:
            whole["PATH"] = "%s:%s" % (prefix, whole.get("PATH", ""))
        return whole

    def _shown(self, args: Any) -> str:
        """Return a command as it is told: words that give a password are covered."""
        words = shlex.split(args) if isinstance(args, str) and args.count("'") % 2 == 0 else args
        words = [to_text(word) for word in words] if isinstance(words, (list, tuple)) else [to_text(args)]
        shown, covered = [], False
        for word in words:
            match = re.match(r"^(--?\S*(?:password|passwd|pass)(?!wd|word)\S*?)(=.*)?$", word, re.IGNORECASE)
            shown.append("********" if covered else "%s=********" % match.group(1) if match and match.group(2) else word)  # fmt: skip  # noqa: E501
            covered = bool(match) and not (match and match.group(2))
        return " ".join(shlex.quote(word) for word in shown)


def _line(args: Any, shell: bool, expand: bool, executable: Any) -> Optional[List[str]]:
    """Return the words that are run."""
    if not isinstance(args, (list, tuple, str, bytes)):
        return None
    if shell:
        words = (
            " ".join(shlex.quote(to_text(word)) for word in args) if isinstance(args, (list, tuple)) else args
        )
        return [executable or "/bin/sh", "-c", to_text(words)]
    found = [
        to_text(word) for word in (shlex.split(to_text(args)) if isinstance(args, (str, bytes)) else args)
    ]
    return [os.path.expanduser(os.path.expandvars(word)) for word in found] if expand else found


def _run(
    line: Union[List[str], None],
    settings: Dict[str, Any],
    data: Optional[bytes],
    umask: Optional[int],
    prompt: Any,
    ready: Optional[Callable[..., Any]],
) -> Output:
    before = os.umask(umask) if umask is not None else None
    pipe = subprocess.PIPE
    feed = pipe if data is not None else subprocess.DEVNULL if prompt is None else pipe
    try:
        child = subprocess.Popen(line or [], stdin=feed, stdout=pipe, stderr=pipe, **settings)
    finally:
        if before is not None:
            os.umask(before)
    if ready is not None:
        ready(child)
    questions = [prompt] if isinstance(prompt, (str, bytes)) else list(prompt or ())
    asked = [re.compile(to_bytes(each), re.MULTILINE) for each in questions]
    with child:
        return _drained(child, data, asked)


def _drained(child: Any, data: Optional[bytes], asked: List[Any]) -> Output:
    """Read both outputs to their end, or until the command is gone and only others hold them."""
    kept: Dict[Any, bytearray] = {child.stdout: bytearray(), child.stderr: bytearray()}
    if data is None and child.stdin:
        child.stdin.close()
    opened, view, gone = [child.stdout, child.stderr], memoryview(data or b""), None
    feeding = [child.stdin] if data is not None else []
    while opened:
        readable, writable, _ = select.select(opened, feeding, [], 0.05 if gone else 1.0)
        for pipe in writable:
            view = _fed(pipe, view)
            feeding = feeding if view else []
        for pipe in readable:
            chunk = os.read(pipe.fileno(), _CHUNK)
            kept[pipe] += chunk
            opened = opened if chunk else [each for each in opened if each is not pipe]
        if data is None and any(each.search(bytes(kept[child.stdout])) for each in asked):
            child.kill()
            return 257, bytes(kept[child.stdout]), b""
        gone = gone or (time.monotonic() if child.poll() is not None else None)
        if gone and not readable and time.monotonic() - gone > _LINGER:
            break
    return child.wait(), bytes(kept[child.stdout]), bytes(kept[child.stderr])


def _fed(pipe: Any, view: Any) -> Any:
    """Write some of what a command reads; return what is left."""
    with suppress(OSError):
        view = view[os.write(pipe.fileno(), view[:4096]) :]
        if not view:
            pipe.close()
        return view
    pipe.close()
    return view[:0]
