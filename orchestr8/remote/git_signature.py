"""Signatures of commits and tags, as git and GnuPG tell of them."""

from typing import Optional

from orchestr8.remote.git_work_tree import WorkTree
from orchestr8.remote.module import Call, Failure
from orchestr8.remote.process import text

_WHOLE = 12


def verify(call: Call, tree: WorkTree, what: str) -> None:
    """Fail unless the version is signed, and by a key of the list where there is one."""
    kind = text(tree.git("cat-file", "-t", call["version"]).stdout).strip()
    word, subject = ("verify-tag", call["version"]) if kind == "tag" else ("verify-commit", what)
    done = tree.git(word, "--raw", subject)
    said = text(done.stderr)
    told = {"stdout": text(done.stdout), "stderr": said, "rc": done.rc}
    if done.rc:
        raise Failure('Failed to verify GPG signature of commit/tag "%s"' % call["version"], **told)
    key = _fingerprint(said)
    if call["gpg_allowlist"] and key not in call["gpg_allowlist"]:
        raise Failure('The gpg_allowlist does not include the public key "%s" for this commit' % key, **told)


def _fingerprint(told: str) -> Optional[str]:
    """Return the primary key's fingerprint: the last word of what GnuPG says of a valid signature."""
    for line in told.splitlines():
        words = line.split()
        if words[1:2] == ["VALIDSIG"]:
            return words[-1] if len(words) >= _WHOLE else words[2]
    return None
