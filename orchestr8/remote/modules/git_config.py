"""git_config: settings of git."""

from typing import Any, Dict, List

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import Finished, run, text
from orchestr8.remote.programs import required

_UNSET = 1


class GitConfig(Module):
    """Sets and removes one setting of git, in the host's, a user's or a repository's configuration."""

    name = "git_config"
    args = {
        "name": Arg("str", "The setting, such as user.email.", required=True),
        "value": Arg("str", "Its value."),
        "scope": Arg(
            "str",
            "Whose setting: the host's (system, also without scope), the user's (global), or one place's.",
            choices=["file", "local", "global", "system"],
        ),
        "repo": Arg("path", "The repository of scope local."),
        "file": Arg("path", "The file of scope file."),
        "add_mode": Arg(
            "str",
            "Whether other values of the setting go.",
            default="replace-all",
            choices=["add", "replace-all"],
        ),
        "state": Arg("str", "Whether it is there.", default="present", choices=["present", "absent"]),
    }
    required_if = (
        ("scope", "local", ("repo",)),
        ("scope", "file", ("file",)),
        ("state", "present", ("value",)),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and repair."""
        if call["state"] == "present" and not call["value"]:
            raise Failure("If state=present, a value must be specified.")
        base = _base(call)
        before = _values(call, base)
        after = _wanted(call, before)
        if after == before:
            gone = call["state"] == "absent"
            return {"changed": False, "msg": "no setting to unset" if gone else ""}
        if call["state"] == "absent":
            words = [*base, "--unset-all", call["name"]]
        else:
            words = [*base, "--" + call["add_mode"], call["name"], call["value"]]
        done = None if call.check else _git(call, words)
        if done is not None and done.rc:
            raise Failure(text(done.stderr).strip(), rc=done.rc, cmd=words)
        diff = {"before": _shown(before), "after": _shown(after)}
        diff.update(before_header=" ".join(words), after_header=" ".join(words))
        return {"changed": True, "msg": "setting changed", "diff": diff}


def _base(call: Call) -> List[str]:
    base = [required("git", "git"), "config", "--includes"]
    scope = call["scope"] or "system"
    return base + (["-f", call["file"]] if scope == "file" else ["--" + scope])


def _git(call: Call, words: List[str]) -> Finished:
    """Run git where no other repository's settings are in the way."""
    return run(words, cwd=call["repo"] if call["scope"] == "local" else "/", parse=True)


def _values(call: Call, base: List[str]) -> List[str]:
    words = [*base, "--get-all", call["name"]]
    done = _git(call, words)
    if done.rc > _UNSET:
        raise Failure(text(done.stderr).strip(), rc=done.rc, cmd=" ".join(words))
    return text(done.stdout).rstrip().splitlines()


def _wanted(call: Call, before: List[str]) -> List[str]:
    if call["state"] == "absent":
        return []
    if call["add_mode"] == "add":
        return before if call["value"] in before else [*before, call["value"]]
    return [call["value"]]


def _shown(values: List[str]) -> Any:
    return values if len(values) > 1 else "".join(values) + "\n"


MODULE = GitConfig
