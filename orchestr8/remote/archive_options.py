"""What `extra_opts` of unarchive mean: the words of tar and unzip, said to an unpacking of our own."""

from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple

from orchestr8.remote.archive_members import Member
from orchestr8.remote.module import Failure

Options = NamedTuple("Options", [("strip", int), ("keep_owner", bool), ("exclude", List[str])])

# What is so anyway: files are written anew with the archive's mode, patterns are patterns.
_USUAL = frozenset(
    (
        *("--overwrite", "--no-overwrite-dir", "--preserve-permissions", "--same-permissions", "-p"),
        *("--no-same-permissions", "--same-owner", "--wildcards", "-o", "-q", "-qq", "-oq", "-qo", "-oqq"),
    )
)
_STRIP = ("--strip-components", "--strip")


def options(words: Sequence[str]) -> Options:
    """Return what the words ask for; raise Failure for one that has no meaning here."""
    strip, keep_owner = 0, True
    exclude: List[str] = []
    for name, value in _pairs(words):
        if name in _STRIP and value is not None and value.isdigit():
            strip = int(value)
        elif name == "--exclude" and value is not None:
            exclude.append(value)
        elif name == "--no-same-owner":
            keep_owner = False
        elif name not in _USUAL:
            raise Failure(
                "extra_opts: `%s` has no meaning: archives are unpacked without tar and unzip; known are "
                "--strip-components=N, --exclude=PATTERN, --no-same-owner, and what is so anyway" % name
            )
    return Options(strip, keep_owner, exclude)


def _pairs(words: Sequence[str]) -> Iterator[Tuple[str, Optional[str]]]:
    """Yield options with their values, which may be words of their own."""
    rest = [word for each in words for word in each.split() if word]
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if not equals and name in (*_STRIP, "--exclude") and rest:
            equals, value = "=", rest.pop(0)
        yield name, value if equals else None


def applied(members: Sequence[Member], asked: Options) -> List[Member]:
    """Return members with the first folders of their names taken off, and without the archive's owners."""
    out = []
    for one in members:
        name = stripped(one.name, asked.strip)
        link = stripped(one.link, asked.strip) if one.kind == "hard" else one.link
        if name and (link or one.kind != "hard"):
            out.append(one._replace(name=name, link=link, owner=one.owner if asked.keep_owner else None))
    return out


def stripped(name: str, count: int) -> str:
    """Return a name without so many folders in front; "" where nothing is left."""
    return "/".join(name.lstrip("/").split("/")[count:]) if count else name
