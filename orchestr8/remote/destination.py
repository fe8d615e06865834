"""Where a copied file ends up: inside a directory, behind a symbolic link, in a folder yet to be made."""

import os
from typing import Any, Dict, List, Optional

from orchestr8.remote.module import Call, Failure
from orchestr8.remote.ownership import Ownership, ownership


class Destination:
    """The path of the file to write, and the directories that have to be made for it."""

    def __init__(self, path: str, missing: Optional[List[str]] = None) -> None:
        self.path = path
        self.missing = missing or []

    def prepare(self, call: Call) -> None:
        """Make the missing directories, with the owner and the directory mode asked for."""
        wanted = ownership(call)
        owner = Ownership(wanted.owner, wanted.group, call.args.get("directory_mode"), wanted.flags)
        for folder in self.missing:
            try:
                os.mkdir(folder)
            except FileExistsError:
                continue
            except OSError as error:
                raise Failure("Could not create %s: %s" % (folder, error.strerror), path=folder) from None
            owner.settle(call, folder)


def destination(call: Call, dest: str, basename: str) -> Destination:
    """Return where a file called `basename` goes when a task says `dest`."""
    if os.sep not in dest:
        dest = os.path.join(".", dest)
    if dest.endswith(os.sep):
        path = os.path.join(dest, basename)
        if not basename:
            raise Failure("can not use content with a dir as dest", dest=dest)
        return Destination(_behind_link(call, path), _missing(os.path.dirname(path)))
    if os.path.isdir(dest):
        if not basename:
            raise Failure("can not use content with a dir as dest", dest=dest)
        dest = os.path.join(dest, basename)
    return Destination(_behind_link(call, dest))


def require_parent(path: str, result: Dict[str, Any]) -> None:
    """Refuse a file whose directory is not there or cannot be entered."""
    folder = os.path.dirname(path)
    try:
        os.stat(folder)
    except PermissionError:
        raise Failure("Destination directory %s is not accessible" % folder, **result) from None
    except OSError:
        raise Failure("Destination directory %s does not exist" % folder, **result) from None


def _behind_link(call: Call, path: str) -> str:
    return os.path.realpath(path) if call.args.get("follow") and os.path.islink(path) else path


def _missing(folder: str) -> List[str]:
    """Return the directories on the way that do not exist, outermost first."""
    found: List[str] = []
    while folder and not os.path.isdir(folder):
        found.insert(0, folder)
        folder = os.path.dirname(folder.rstrip(os.sep))
    return found
