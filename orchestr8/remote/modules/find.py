"""The find module: lists files by name, kind, age, size, content and mode."""

import os
import stat
import time
from typing import Any, Dict, Iterator, List, Tuple

from orchestr8.remote.digests import file_digest
from orchestr8.remote.finding import Test, Unreadable, tests
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.modules.stat import ALGORITHMS, facts


class Find(Module):
    """Return a list of files that match all criteria."""

    name = "find"
    args = {
        "paths": Arg(
            "list", "Directories to look in.", required=True, aliases=["name", "path"], elements="path"
        ),
        "patterns": Arg("list", "Names to find, as the shell matches.", aliases=["pattern"], elements="str"),
        "excludes": Arg("list", "Names to leave out.", aliases=["exclude"], elements="str"),
        "use_regex": Arg("bool", "Names are regular expressions.", default=False),
        "contains": Arg("str", "Expression that a file's line starts with, or that the whole file holds."),
        "read_whole_file": Arg("bool", "Search the file as one text.", default=False),
        "encoding": Arg("str", "Encoding of the files to search; UTF-8 by default."),
        "file_type": Arg(
            "str", "Kind to find.", default="file", choices=["any", "directory", "file", "link"]
        ),
        "age": Arg("str", "Least age, such as 2d; greatest age if negative."),
        "age_stamp": Arg("str", "Time to compare.", default="mtime", choices=["atime", "ctime", "mtime"]),
        "size": Arg("str", "Least size, such as 10m; greatest size if negative."),
        "mode": Arg("bits", "Permissions."),
        "exact_mode": Arg("bool", "Permissions are exactly these, not some of them.", default=True),
        "recurse": Arg("bool", "Look below directories too.", default=False),
        "depth": Arg("int", "How deep to look."),
        "hidden": Arg("bool", "Include names that begin with a dot.", default=False),
        "follow": Arg("bool", "Look behind symbolic links to directories.", default=False),
        "get_checksum": Arg("bool", "Return checksums of files.", default=False),
        "checksum_algorithm": Arg(
            "str",
            "How to compute them.",
            default="sha1",
            choices=ALGORITHMS,
            aliases=["checksum", "checksum_algo"],
        ),
        "limit": Arg("int", "How many to return at most."),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Look."""
        if call["limit"] is not None and call["limit"] <= 0:
            raise Failure("limit cannot be %d (use None for unlimited)" % call["limit"])
        search = _Search(call, tests(call, time.time()))
        for path in call["paths"]:
            try:
                search.below(path)
            except Unreadable as error:
                search.leave(path, str(error))
        return {
            "changed": False,
            "files": search.found,
            "matched": len(search.found),
            "examined": search.examined,
            "skipped_paths": search.skipped,
            "msg": search.msg,
        }


class _Search:
    """One search: what was found, how many entries were seen, what could not be read."""

    def __init__(self, call: Call, wanted: List[Test]) -> None:
        self.call = call
        self.wanted = wanted
        self.found: List[Dict[str, Any]] = []
        self.examined = 0
        self.skipped: Dict[str, str] = {}
        self.msg = "All paths examined"

    def below(self, top: str) -> None:
        """Look through one directory."""
        if not os.path.isdir(top):
            self._warn(top, "'%s' is not a directory" % top)
            return
        for path, info in self._entries(top):
            if all(test(path, info) for test in self.wanted):
                self.found.append(self._shown(path, info))
                if len(self.found) == self.call["limit"]:
                    self.msg = "Limit of matches reached"
                    return

    def leave(self, top: str, why: str) -> None:
        """Note why the rest of a directory was not looked at."""
        self._warn(top, why)

    def _entries(self, top: str) -> Iterator[Tuple[str, os.stat_result]]:
        depth = self.call["depth"]
        for folder, folders, files in os.walk(top, onerror=self._unread, followlinks=self.call["follow"]):
            level = 0 if folder == top else os.path.relpath(folder, top).count(os.sep) + 1
            self.examined += len(folders) + len(files)
            if not depth or level < depth:
                yield from self._looked(folder, files + folders)
            if not self.call["recurse"] or (depth and level + 1 > depth):
                del folders[:]

    def _looked(self, folder: str, entries: List[str]) -> Iterator[Tuple[str, os.stat_result]]:
        for name in entries:
            if name.startswith(".") and not self.call["hidden"]:
                continue
            path = os.path.normpath(os.path.join(folder, name))
            try:
                info = os.lstat(path)
            except OSError as error:
                self._warn(path, str(error))
                continue
            yield path, info

    def _shown(self, path: str, info: os.stat_result) -> Dict[str, Any]:
        found = dict(facts(info), path=path)
        if self.call["get_checksum"] and stat.S_ISREG(info.st_mode):
            try:
                found["checksum"] = file_digest(path, self.call["checksum_algorithm"])
            except OSError as error:
                self._warn(path, str(error))
        return found

    def _unread(self, error: OSError) -> None:
        self.skipped[str(error.filename)] = str(error)

    def _warn(self, path: str, why: str) -> None:
        self.skipped[path] = why
        self.call.warnings.append("Skipped '%s' path due to this access issue: %s" % (path, why))
        self.msg = "Not all paths examined, check warnings for details"


MODULE = Find
