"""A git repository on the host and the one it came from, by the git program."""

import os
import shlex
from typing import Dict, List, NamedTuple, Optional

from orchestr8.remote.module import Call, Failure
from orchestr8.remote.process import Finished, run, text
from orchestr8.remote.programs import required

# What a version means at the remote: the commit, and the branch when it is one.
Target = NamedTuple("Target", [("commit", str), ("branch", Optional[str])])


class WorkTree:
    """The clone in `dest`; repo: a URL where it comes from, since git honours a depth for nothing else."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.dest = (call["dest"] or "").rstrip("/") or "/"
        local = os.path.expanduser(call["repo"])
        self.repo = "file://" + local if local.startswith("/") else call["repo"]
        self.program = call["executable"] or required("git", "git")
        self._environ = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": _ssh(call)}

    def git(self, *words: str, inside: bool = True) -> Finished:
        """Run git and return how it ended."""
        call = self.call
        return run(
            [self.program, *words],
            cwd=self.dest if inside else None,
            environ=self._environ,
            parse=True,
            timeout=call.timeout,
            progress=call.progress,
            umask=int(str(call["umask"]), 8) if call["umask"] is not None else None,
        )

    def must(self, what: str, *words: str, inside: bool = True) -> str:
        """Run git and return what it prints; Failure saying what could not be done."""
        done = self.git(*words, inside=inside)
        if done.rc:
            reason = (text(done.stderr) or text(done.stdout)).strip()
            raise Failure(f"Failed to {what}: {reason}", rc=done.rc, cmd=[self.program, *words])
        return text(done.stdout)

    def exists(self) -> bool:
        """Tell whether there is a repository; a folder with other content is no place for one."""
        marker = os.path.join(self.dest, "HEAD" if self.call["bare"] else ".git")
        return os.path.exists(marker)

    def folder(self) -> str:
        """Return where the repository itself is."""
        told = self.must("find the repository", "rev-parse", "--git-dir").strip()
        return os.path.realpath(os.path.join(self.dest, told))

    def commit(self) -> Optional[str]:
        """Return the commit that is checked out."""
        done = self.git("rev-parse", "--verify", "-q", "HEAD")
        return text(done.stdout).strip() or None

    def branch(self) -> Optional[str]:
        """Return the branch that is checked out, None on a bare commit."""
        return text(self.git("symbolic-ref", "-q", "--short", "HEAD").stdout).strip() or None

    def modified(self) -> bool:
        """Tell whether files that git knows were changed."""
        if self.call["bare"]:
            return False
        lines = self.must("read the state of the work tree", "status", "--porcelain").splitlines()
        return any(not line.startswith("??") for line in lines)

    def remote_url(self) -> Optional[str]:
        """Return where the repository is fetched from."""
        return text(self.git("config", "--get", f"remote.{self.call['remote']}.url").stdout).strip() or None

    def target(self) -> Optional[Target]:
        """Ask the remote what the wanted version is; None for a commit, which only the clone knows."""
        version = self.call["version"]
        refs = (
            ["HEAD"]
            if version == "HEAD"
            else [f"refs/heads/{version}", f"refs/tags/{version}", f"refs/tags/{version}^{{}}"]
        )
        if version.startswith("refs/"):
            refs = [version]
        listed = self.must(
            "read the remote repository",
            "ls-remote",
            "--symref",
            "--",
            self.repo,
            *refs,
            inside=False,
        )
        return _target(listed)

    def knows(self, commit: str) -> bool:
        """Tell whether the commit is in the clone."""
        return self.git("cat-file", "-e", commit + "^{commit}").rc == 0


def _target(listed: str) -> Optional[Target]:
    found: Dict[str, str] = {}
    head = None
    for line in listed.splitlines():
        value, _, ref = line.partition("\t")
        if value.startswith("ref: refs/heads/"):
            head = value[len("ref: refs/heads/") :]
        else:
            found[ref] = value
    for ref, commit in found.items():
        if ref.startswith("refs/heads/"):
            return Target(commit, ref[len("refs/heads/") :])
    peeled = [commit for ref, commit in found.items() if ref.endswith("^{}")]
    commits = peeled or list(found.values())
    return Target(commits[0], head) if commits else None


def _ssh(call: Call) -> str:
    """Return the ssh that git uses: it never asks, and takes new host keys only when told to."""
    words: List[str] = ["ssh", "-o", "BatchMode=yes"]
    if call["key_file"]:
        words += ["-i", call["key_file"], "-o", "IdentitiesOnly=yes"]
    if call["accept_hostkey"] or call["accept_newhostkey"]:
        words += ["-o", "StrictHostKeyChecking=accept-new"]
    words += shlex.split(call["ssh_opts"] or "")
    return " ".join(shlex.quote(word) for word in words)
