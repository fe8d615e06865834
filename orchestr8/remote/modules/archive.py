"""archive: packs files and trees of the host."""

import glob
import os
import shutil
from fnmatch import fnmatch
from typing import Any, Dict, List, Tuple

from orchestr8.remote import archive_writer
from orchestr8.remote.files import inherit
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import FILE_ARGS, ownership, path_info


class Archive(Module):
    """Packs files and trees of the host into one archive there."""

    name = "archive"
    args = dict(
        FILE_ARGS,
        path=Arg("list", "Paths and shell-style patterns.", required=True, elements="path"),
        format=Arg(
            "str", "Kind of the archive.", default="gz", choices=["bz2", "gz", "tar", "xz", "zip", "zstd"]
        ),
        dest=Arg("path", "The archive; beside a single path without it."),
        exclude_path=Arg("list", "Paths and patterns to leave out.", default=[], elements="path"),
        exclusion_patterns=Arg("list", "Patterns of names to leave out within trees.", elements="path"),
        force_archive=Arg("bool", "Make an archive of a single file too.", default=False),
        remove=Arg("bool", "Remove what was packed.", default=False),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Pack, and put the archive in place where it differs from the one there."""
        found, missing = _expanded(call["path"])
        gone, _ = _expanded(call["exclude_path"])
        sources = [path for path in found if path not in gone]
        whole = call["force_archive"] or len(sources) > 1 or _many(call) or any(map(os.path.isdir, sources))
        dest = _dest(call, sources or call["path"], whole=whole)
        out: Dict[str, Any] = {"changed": False, "dest": dest, "missing": missing, "expanded_paths": found}
        out.update(expanded_exclude_paths=gone, archived=[], arcroot=_root(sources))
        if sources:
            members = _members(call, sources, dest, out["arcroot"])
            out["archived"] = [path for path, _ in members if not os.path.isdir(path)] or sources
            _pack(call, members if whole else [], sources[0], dest, out)
            _remove(call, sources, out)
        if os.path.exists(dest):
            out["changed"] = ownership(call).settle(call, dest) or out["changed"]
            out.update(path_info(dest))
        state = "archive" if whole else "compress"
        out["dest_state"] = "absent" if not os.path.exists(dest) else state
        if missing and sources:
            out["dest_state"] = "incomplete"
        return out


def _expanded(patterns: List[str]) -> Tuple[List[str], List[str]]:
    found: List[str] = []
    missing: List[str] = []
    for pattern in patterns:
        paths = sorted(glob.glob(pattern)) if glob.has_magic(pattern) else [pattern.rstrip("/") or "/"]
        there = [path for path in paths if os.path.lexists(path)]
        missing += [pattern] if not there else []
        found += [path for path in there if path not in found]
    return found, missing


def _many(call: Call) -> bool:
    return len(call["path"]) > 1 or any(glob.has_magic(path) for path in call["path"])


def _dest(call: Call, sources: List[str], *, whole: bool) -> str:
    if call["dest"]:
        if os.path.isdir(call["dest"]):
            raise Failure(f"Error, dest {call['dest']} is a directory: it must be a file name")
        return str(call["dest"])
    if _many(call):
        raise Failure('Error, must specify "dest" when archiving multiple files or trees')
    form = call["format"]
    ending = form if form in ("tar", "zip") or not whole else f"tar.{form}"
    return f"{sources[0]}.{ending}"


def _root(sources: List[str]) -> str:
    folders = [os.path.dirname(path) for path in sources]
    return os.path.join(os.path.commonpath(folders), "") if folders else ""


def _members(call: Call, sources: List[str], dest: str, root: str) -> List[archive_writer.Member]:
    """Return what goes into the archive: never the archive itself, never what is left out."""
    paths: List[str] = []
    for source in sources:
        paths.append(source)
        if os.path.isdir(source) and not os.path.islink(source):
            for folder, names, files in os.walk(source):
                names.sort()
                paths += [os.path.join(folder, name) for name in sorted(names + files)]
    out_of = [pattern.rstrip("/") for pattern in call["exclude_path"]]
    kept = [path for path in paths if path != dest and not _left_out(call, path, out_of)]
    return [(path, os.path.relpath(path, root)) for path in kept]


def _left_out(call: Call, path: str, patterns: List[str]) -> bool:
    if any(fnmatch(path, pattern) or path.startswith(pattern + "/") for pattern in patterns):
        return True
    return any(
        fnmatch(path, pattern) or fnmatch(os.path.basename(path), pattern)
        for pattern in call["exclusion_patterns"] or []
    )


def _pack(call: Call, members: List[Any], source: str, dest: str, out: Dict[str, Any]) -> None:
    form = call["format"]
    temporary = os.path.join(os.path.dirname(dest) or ".", ".o8-" + os.urandom(6).hex())
    if call.check and not os.path.exists(dest):
        out["changed"] = True
        return
    try:
        if members:
            archive_writer.write(form, members, temporary)
            same = archive_writer.content(form, temporary) == archive_writer.content(form, dest)
        else:
            archive_writer.pack(form, source, temporary)
            same = archive_writer.unpacked(form, temporary) == archive_writer.unpacked(form, dest)
        if not same or not os.path.exists(dest):
            out["changed"] = True
            if not call.check:
                inherit(dest, temporary)
                os.rename(temporary, dest)
    except OSError as error:
        raise Failure(f"Error when writing {form} archive at {dest}: {error.strerror}", **out) from None
    finally:
        if os.path.lexists(temporary):
            os.unlink(temporary)


def _remove(call: Call, sources: List[str], out: Dict[str, Any]) -> None:
    for path in sources if call["remove"] else []:
        if os.path.commonpath([os.path.abspath(path), os.path.abspath(out["dest"])]) == os.path.abspath(path):
            raise Failure(f"Error, cannot remove {path}: the archive is in it", **out)
        out["changed"] = True
        if call.check:
            continue
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)


MODULE = Archive
