"""include_vars: read variables from a file while the run goes on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from orchestr8.actions.transfer import read
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.language.yaml import load
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="include_vars",
    controller=True,
    free_form="_raw_params",
    doc="Read variables from a file while the run goes on.",
    args={
        "_raw_params": Arg("str", "The file."),
        "file": Arg("path", "The file."),
        "dir": Arg("path", "A folder whose files are read in name order."),
        "name": Arg("str", "Put the variables under this one."),
        "depth": Arg("int", "How deep to go into the folder; 0 is all the way.", default=0),
        "extensions": Arg("list", "Endings that count.", default=["json", "yaml", "yml"], elements="str"),
        "ignore_files": Arg("list", "Names to leave out.", elements="str"),
    },
)


def run(work: Work) -> dict[str, Any]:
    """Return the variables as `ansible_facts`, note them, and list the files."""
    files = _files(work)
    values: dict[str, Any] = {}
    for path in files:
        found = load(read(path, work), path)
        if found is not None and not isinstance(found, dict):
            raise InvalidInput(Diagnostic("O8-1102", f"{path} is not a mapping of variables", work.task.span))
        values |= found or {}
    if name := work.args.get("name"):
        values = {str(name): values}
    work.notes.included_variables.update(values)
    return {"changed": False, "ansible_facts": values, "ansible_included_var_files": files}


def _files(work: Work) -> list[str]:
    if folder := work.args.get("dir"):
        return list(_in_folder(work, work.files.find(str(folder), "vars")))
    return [work.files.find(str(work.args.get("file") or work.args.get("_raw_params") or ""), "vars")]


def _in_folder(work: Work, root: str) -> list[str]:
    endings = tuple(f".{ending}" for ending in work.args.get("extensions") or ("json", "yaml", "yml"))
    ignored = set(work.args.get("ignore_files") or ())
    depth = int(work.args.get("depth") or 0)
    found = []
    for folder, names, files in os.walk(root):
        names.sort()
        if depth and len(Path(folder).relative_to(root).parts) >= depth - 1:
            names.clear()
        found += [os.path.join(folder, f) for f in sorted(files) if f.endswith(endings) and f not in ignored]
    return found
