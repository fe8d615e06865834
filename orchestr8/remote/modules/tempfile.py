"""The tempfile module: makes a private file or directory under a new name."""

from typing import Any, Dict

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import path_info


class TempFile(Module):
    """Make a temporary file or directory that only the user can read."""

    name = "tempfile"
    check_mode = False
    args = {
        "state": Arg("str", "What to make.", default="file", choices=["directory", "file"]),
        "path": Arg("path", "Directory to make it in; the system's own by default."),
        "prefix": Arg("str", "Start of its name.", default="ansible."),
        "suffix": Arg("str", "End of its name.", default=""),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Make it."""
        import os
        import tempfile

        for key in ("prefix", "suffix"):
            if os.path.basename(call[key]) != call[key]:
                raise Failure("%s must be a valid file name component, not a path: %s" % (key, call[key]))
        where = {"prefix": call["prefix"], "suffix": call["suffix"], "dir": call["path"]}
        try:
            if call["state"] == "directory":
                path = tempfile.mkdtemp(**where)
            else:
                handle, path = tempfile.mkstemp(**where)
                os.close(handle)
        except OSError as error:
            raise Failure("Could not make a temporary %s: %s" % (call["state"], error)) from None
        return dict({"changed": True, "path": path}, **path_info(path))


MODULE = TempFile
