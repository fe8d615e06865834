"""git: keeps a clone of a repository at a version."""

import os
from typing import Any, Dict, List, Optional

from orchestr8.remote.git_archive import archive, move_apart
from orchestr8.remote.git_signature import verify
from orchestr8.remote.git_work_tree import Target, WorkTree
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import text


class Git(Module):
    """Clones a git repository and checks out a version of it."""

    name = "git"
    args = {
        "repo": Arg("str", "Where the repository is: a URL or a path.", required=True, aliases=["name"]),
        "dest": Arg("path", "Folder of the clone; only `clone: false` can do without."),
        "version": Arg("str", "A branch, tag or commit; HEAD is the remote's main branch.", default="HEAD"),
        "remote": Arg("str", "Name of the remote.", default="origin"),
        "refspec": Arg("str", "One more thing to fetch."),
        "depth": Arg("int", "Fetch only so many commits."),
        "clone": Arg("bool", "Clone when there is no clone yet.", default=True),
        "update": Arg("bool", "Look for new commits.", default=True),
        "force": Arg("bool", "Throw away local changes.", default=False),
        "bare": Arg("bool", "Clone without a work tree.", default=False),
        "recursive": Arg("bool", "Fetch submodules too.", default=True),
        "track_submodules": Arg("bool", "Bring submodules to their remote's newest commit.", default=False),
        "single_branch": Arg("bool", "Clone only the version's branch.", default=False),
        "reference": Arg("str", "A local repository to borrow objects from."),
        "verify_commit": Arg(
            "bool", "Fail unless the commit or tag is signed by a key that is trusted.", default=False
        ),
        "gpg_allowlist": Arg(
            "list",
            "Fingerprints of the keys that may have signed; any trusted key without it.",
            default=[],
            elements="str",
            aliases=["gpg_whitelist"],
        ),
        "separate_git_dir": Arg("path", "Keep the repository there, apart from the work tree."),
        "archive": Arg("path", "Pack the version into this file: .tar, .tar.gz, .tgz or .zip."),
        "archive_prefix": Arg("str", "A folder for all that is in the archive; it ends with a slash."),
        "accept_hostkey": Arg(
            "bool", "Accept the key of an SSH server that is not known yet.", default=False
        ),
        "accept_newhostkey": Arg(
            "bool", "The same as accept_hostkey: a changed key is never accepted.", default=False
        ),
        "key_file": Arg("path", "Private key for SSH."),
        "ssh_opts": Arg("str", "More options for ssh."),
        "executable": Arg("path", "The git program."),
        "umask": Arg("raw", "Umask for the files of the clone."),
    }
    exclusive = (("accept_hostkey", "accept_newhostkey"), ("bare", "separate_git_dir"))
    required_by = {"archive_prefix": ("archive",)}

    def run(self, call: Call) -> Dict[str, Any]:
        """Clone or update, and check out the version."""
        for key in ("repo", "version", "remote"):
            if call[key].startswith("-"):
                raise Failure(f"{key} must not start with a dash: {call[key]}")
        if not call["dest"] and call["clone"]:
            raise Failure("the destination directory must be specified unless clone=no")
        tree = WorkTree(call)
        there = bool(call["dest"]) and tree.exists()
        out = _update(call, tree) if there else _clone(call, tree)
        if call.diff and out["before"] != out["after"]:
            out["diff"] = {"prepared": _difference(tree, out["before"], out["after"])}
        if call["archive"] and (there or not call.check) and archive(call, tree):
            out["changed"] = True
        return out


def _difference(tree: WorkTree, before: Optional[str], after: str) -> str:
    if before is None:
        return ">> Newly checked out %s" % after
    done = tree.git("diff", before, after)
    if done.rc:
        return ">> Failed to get proper diff between %s and %s:\n>> %s" % (before, after, text(done.stderr))
    return text(done.stdout) or ">> No visual differences between %s and %s" % (before, after)


def _clone(call: Call, tree: WorkTree) -> Dict[str, Any]:
    target = tree.target()
    after = target.commit if target else call["version"]
    out: Dict[str, Any] = {"changed": True, "before": None, "after": after}
    if call.check or not call["clone"]:
        return out
    _make(call, tree, target)
    _check_out(call, tree, target)
    out["after"] = tree.commit()
    return out


def _make(call: Call, tree: WorkTree, target: Optional[Target]) -> None:
    os.makedirs(os.path.dirname(tree.dest) or "/", exist_ok=True)
    words: List[str] = ["--bare"] if call["bare"] else ["--origin", call["remote"], "--no-checkout"]
    if call["depth"] and target:
        words += ["--depth", str(call["depth"])]
    named = target is not None and call["version"] != "HEAD" and not call["version"].startswith("refs/")
    if named:
        words += ["--branch", call["version"]]
    if call["single_branch"]:
        words.append("--single-branch")
    if call["reference"]:
        words += ["--reference", call["reference"]]
    if call["separate_git_dir"]:
        words.append("--separate-git-dir=" + call["separate_git_dir"])
    tree.must("clone", "clone", *words, "--", tree.repo, tree.dest, inside=False)
    if call["refspec"]:
        tree.must("fetch the refspec", "fetch", call["remote"], call["refspec"])


def _update(call: Call, tree: WorkTree) -> Dict[str, Any]:
    before = tree.commit()
    out: Dict[str, Any] = {"changed": False, "before": before, "after": before}
    if call["separate_git_dir"]:
        move_apart(call, tree, out)
    if not call["update"]:
        return out
    out["remote_url_changed"] = False
    modified = tree.modified()
    if modified and not call["force"]:
        raise Failure(f"Local modifications exist in the destination: {tree.dest} (force=no).", before=before)
    _point(call, tree, out)
    target = tree.target()
    there = _is_there(call, tree, target, before)
    out["changed"] = out["changed"] or modified or not there
    out["after"] = target.commit if target else before
    if call.check:
        return out
    if modified:
        out["msg"] = f"Local modifications exist in the destination: {tree.dest}"
    if not there or modified:
        if not (target is None and tree.knows(call["version"])):
            _fetch(call, tree, target)
        _check_out(call, tree, target)
    else:
        if call["verify_commit"] and not call["bare"]:
            verify(call, tree, "HEAD")
        if _submodules(call, tree):
            out["changed"] = True
    out["after"] = tree.commit()
    return out


def _point(call: Call, tree: WorkTree, out: Dict[str, Any]) -> None:
    """Have the clone fetch from where the task says."""
    url = tree.remote_url()
    if url in (call["repo"], tree.repo):
        return
    out.update(changed=True, remote_url_changed=True)
    if not call.check:
        action = "add" if url is None else "set-url"
        tree.must("set the remote's URL", "remote", action, call["remote"], tree.repo)


def _is_there(call: Call, tree: WorkTree, target: Optional[Target], before: Optional[str]) -> bool:
    if target is None:
        return bool(before) and str(before).startswith(call["version"]) and len(call["version"]) >= 7
    same_branch = call["bare"] or target.branch is None or tree.branch() == target.branch
    return target.commit == before and same_branch


def _fetch(call: Call, tree: WorkTree, target: Optional[Target]) -> None:
    words = ["--force"] if call["force"] else []
    specs: List[str] = [call["refspec"]] if call["refspec"] else []
    if call["depth"] and target:
        words += ["--depth", str(call["depth"])]
        kind = "heads" if target.branch else "tags"
        name = target.branch or call["version"]
        place = f"refs/remotes/{call['remote']}/{name}" if target.branch else f"refs/tags/{name}"
        specs.append(f"+refs/{kind}/{name}:{place}")
    elif call["bare"]:
        specs += ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
    else:
        words.append("--tags")
        specs.append(f"+refs/heads/*:refs/remotes/{call['remote']}/*")
    tree.must("download remote objects and refs", "fetch", *words, call["remote"], *specs)


def _check_out(call: Call, tree: WorkTree, target: Optional[Target]) -> None:
    if call["bare"]:
        return
    if target and target.branch:
        words = ["-B", target.branch, f"refs/remotes/{call['remote']}/{target.branch}"]
    else:
        words = ["--detach", target.commit if target else call["version"]]
    if call["verify_commit"]:
        verify(call, tree, words[-1])
    tree.must(f"checkout {call['version']}", "checkout", "--force", *words)
    _submodules(call, tree)


def _submodules(call: Call, tree: WorkTree) -> bool:
    """Bring the submodules along; return whether any moved."""
    if not call["recursive"] or not os.path.exists(os.path.join(tree.dest, ".gitmodules")):
        return False
    before = tree.must("read the submodules", "submodule", "status", "--recursive")
    tree.must("synchronise the submodules", "submodule", "sync", "--recursive")
    words = ["--init", "--recursive"] + (["--remote"] if call["track_submodules"] else [])
    tree.must(
        "init/update submodules", "submodule", "update", *words, *(["--force"] if call["force"] else [])
    )
    return tree.must("read the submodules", "submodule", "status", "--recursive") != before


MODULE = Git
