"""`ansible.module_utils.common.respawn`: no module is started again under another interpreter here."""

from typing import Any, Sequence


def has_respawned() -> bool:
    """Return that this is the first start."""
    return False


def respawn_module(interpreter_path: str) -> Any:
    """Raise Exception: the interpreter is the host's, as `ansible_python_interpreter` says."""
    text = "modules are not started again under %s; set ansible_python_interpreter to it"
    raise Exception(text % interpreter_path)


def probe_interpreters_for_module(interpreter_paths: Sequence[str], module_name: str) -> None:
    """Return that no other interpreter is to be tried."""
    return
