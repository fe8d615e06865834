"""Turns the names a playbook gives apt into the words apt-get needs to fulfil them."""

import fnmatch
import re
from typing import List, NamedTuple, Optional, Sequence, Tuple

from orchestr8.remote import apt_get, dpkg
from orchestr8.remote.debian_version import newer_or_same, sort_key
from orchestr8.remote.module import Failure

_SPEC = re.compile(r"(.+?)(>=|=)(.+)")
_WILD = frozenset("*?[]!")

Wish = NamedTuple("Wish", [("spec", str), ("name", str), ("sign", str), ("version", str)])


def wishes(names: Sequence[str]) -> List[Wish]:
    """Read the names; patterns become the packages that can be had and fit."""
    found: List[Wish] = []
    for spec in names:
        wish = parsed(spec)
        if not _WILD & set(wish.name):
            found.append(wish)
            continue
        fitting = matching(wish.name, apt_get.known_names())
        if not fitting:
            raise Failure(f"No package(s) matching '{wish.name}' available")
        found += [parsed(name) for name in fitting]
    return found


def parsed(spec: str) -> Wish:
    """Cut `foo=1.2*` or `foo>=1.2` into its parts."""
    found = _SPEC.match(spec)
    return Wish(spec, found.group(1), found.group(2), found.group(3)) if found else Wish(spec, spec, "", "")


def matching(name: str, known: Sequence[str]) -> List[str]:
    """Return the known names that fit a pattern; a plain name is itself."""
    return sorted(set(fnmatch.filter(known, name))) if _WILD & set(name) else [name]


def separate(names: Sequence[str]) -> Tuple[List[str], List[str]]:
    """Cut `a, b` in one string into two names, and return names and paths of files apart."""
    flat = [part.strip() for name in names for part in name.split(",") if part.strip()]
    files = [name for name in flat if name.endswith(".deb") and "/" in name]
    return [name for name in flat if name not in files], files


def word(wish: Wish, status: dpkg.Status, *, latest: bool, only_upgrade: bool) -> Optional[str]:
    """Return what to tell apt-get so that the wish comes true, or None when it is true."""
    package = status.find(wish.name)
    now = package.version if package is not None and dpkg.installed(package) else None
    if now is None and only_upgrade:
        return None
    if not wish.sign:
        satisfied = now is not None or (package is None and status.provides(wish.name))
        return None if satisfied and not (latest and now) else wish.name
    if now is not None and _fits(now, wish):
        return _best(wish, now) if latest else None
    if wish.sign == "=" and not _WILD & set(wish.version):
        return wish.spec
    return _best(wish, now)


def _fits(version: str, wish: Wish) -> bool:
    if wish.sign == "=":
        return fnmatch.fnmatch(version, wish.version)
    return newer_or_same(version, wish.version)


def _best(wish: Wish, now: Optional[str]) -> Optional[str]:
    """Return the newest version that can be had and fits, None when it is the one installed."""
    fitting = [one for one in apt_get.madison(wish.name) if _fits(one, wish)]
    if not fitting and now is not None and _fits(now, wish):
        return None
    if not fitting:
        raise Failure(f"no available installation candidate for {wish.spec}")
    best = max(fitting, key=sort_key)
    return None if best == now else f"{wish.name}={best}"
