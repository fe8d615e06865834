"""The slurp module: returns a file's content."""

import os
from typing import Any, Dict

from orchestr8.remote.files import opened
from orchestr8.remote.module import Arg, Call, Failure, Module


class Slurp(Module):
    """Return a file of a host, in base64; the controller may ask for a part of a large one."""

    name = "slurp"
    args = {
        "src": Arg("path", "The file.", required=True, aliases=["path"]),
        "_offset": Arg("int", "First byte to return.", default=0),
        "_length": Arg("int", "How many bytes to return at most; all by default."),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Read."""
        import base64

        path = call["src"]
        try:
            with opened(path) as stream:
                size = os.fstat(stream.fileno()).st_size
                stream.seek(call["_offset"])
                data = stream.read(-1 if call["_length"] is None else call["_length"])
        except IsADirectoryError:
            raise Failure("Source is a directory and must be a file: %s" % path) from None
        except FileNotFoundError:
            raise Failure("File not found: %s" % path) from None
        except PermissionError:
            raise Failure("File is not readable: %s" % path) from None
        except OSError as error:
            raise Failure("Unable to slurp file %s: %s" % (path, error.strerror)) from None
        content = base64.b64encode(data).decode("ascii")
        return {"changed": False, "content": content, "source": path, "encoding": "base64", "size": size}


MODULE = Slurp
