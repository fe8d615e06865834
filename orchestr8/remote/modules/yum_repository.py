"""yum_repository: manages the repositories of dnf and yum."""

import os
from typing import Any, Dict, List

from orchestr8.remote import ini_lines
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import FILE_ARGS, ownership
from orchestr8.remote.text_file import TextFile

_FLAGS = [
    "async",
    "countme",
    "enabled",
    "enablegroups",
    "gpgcheck",
    "keepalive",
    "module_hotfixes",
    "protect",
    "repo_gpgcheck",
    "s3_enabled",
    "skip_if_unavailable",
    "ssl_check_cert_permissions",
]
_LISTS = ["baseurl", "gpgkey", "includepkgs"]
_TEXTS = [
    "bandwidth",
    "cost",
    "deltarpm_metadata_percentage",
    "deltarpm_percentage",
    "gpgcakey",
    "include",
    "metadata_expire",
    "metalink",
    "mirrorlist",
    "mirrorlist_expire",
    "priority",
    "proxy",
    "proxy_username",
    "retries",
    "throttle",
    "timeout",
    "ui_repoid_vars",
    "username",
]
_CHOICES = {
    "failovermethod": ["roundrobin", "priority"],
    "http_caching": ["all", "packages", "none"],
    "ip_resolve": ["4", "6", "IPv4", "IPv6", "whatever"],
    "keepcache": ["0", "1"],
    "metadata_expire_filter": ["never", "read-only:past", "read-only:present", "read-only:future"],
}
_OPTIONS: Dict[str, Arg] = {
    "exclude": Arg("list", "The option exclude.", elements="str", aliases=["excludepkgs"]),
    "password": Arg("str", "The option password.", secret=True),
    "proxy_password": Arg("str", "The option proxy_password.", secret=True),
    "sslcacert": Arg("str", "The option sslcacert.", aliases=["ca_cert"]),
    "sslclientcert": Arg("str", "The option sslclientcert.", aliases=["client_cert"]),
    "sslclientkey": Arg("str", "The option sslclientkey.", aliases=["client_key"]),
    "sslverify": Arg("bool", "The option sslverify.", aliases=["validate_certs"]),
}
_OPTIONS.update({name: Arg("bool", f"The option {name}.") for name in _FLAGS})
_OPTIONS.update({name: Arg("list", f"The option {name}.", elements="str") for name in _LISTS})
_OPTIONS.update({name: Arg("str", f"The option {name}.") for name in _TEXTS})
_OPTIONS.update({name: Arg("str", f"The option {name}.", choices=words) for name, words in _CHOICES.items()})


class YumRepository(Module):
    """Adds a repository of dnf or yum, or removes one."""

    name = "yum_repository"
    args = dict(
        {**FILE_ARGS, **_OPTIONS},
        name=Arg("str", "The repository's id.", required=True),
        description=Arg("str", "What it is; the option name."),
        file=Arg("str", "The file's name without .repo; the id without it."),
        reposdir=Arg("path", "The folder.", default="/etc/yum.repos.d"),
        state=Arg("str", "Whether it is there.", default="present", choices=["absent", "present"]),
    )
    required_if = (("state", "present", ("description",)),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare the repository's section with the wanted one; other sections stay as they are."""
        present = call["state"] == "present"
        _refuse(call, present=present)
        path = os.path.join(call["reposdir"], (call["file"] or call["name"]) + ".repo")
        file = TextFile(path)
        out: Dict[str, Any] = {"changed": False, "repo": call["name"], "state": call["state"]}
        spans = ini_lines.spans(file.lines, call["name"])
        start, end = spans[0] if spans else (len(file.lines), len(file.lines))
        section = [f"[{call['name']}]", *_lines(call), ""] if present else []
        if [line for line in file.lines[start:end] if line.strip()] == [line for line in section if line]:
            section = file.lines[start:end]
        lines = [*file.lines[:start], *section, *file.lines[end:]]
        if any(line.strip() for line in lines) or not file.exists:
            file.settle(call, lines, out)
        else:
            _empty(call, path, out)
        if present and os.path.exists(path):
            out["changed"] = ownership(call).settle(call, path) or out["changed"]
        return out


def _refuse(call: Call, *, present: bool) -> None:
    if present and not (call["baseurl"] or call["metalink"] or call["mirrorlist"]):
        raise Failure("Parameter 'baseurl', 'metalink' or 'mirrorlist' is required.")
    if present and not os.path.isdir(call["reposdir"]):
        raise Failure(f"Repo directory '{call['reposdir']}' does not exist.")


def _lines(call: Call) -> List[str]:
    given = {"name": call["description"], **{name: call[name] for name in _OPTIONS}}
    shown = [f"{name} = {_text(name, value)}" for name, value in sorted(given.items()) if value is not None]
    return [line for text in shown for line in text.split("\n")]


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list):
        return (" " if name in ("exclude", "includepkgs") else "\n\t").join(value)
    return str(value)


def _empty(call: Call, path: str, out: Dict[str, Any]) -> None:
    """Remove a file that holds nothing any more."""
    out["changed"] = True
    if not call.check:
        os.unlink(path)


MODULE = YumRepository
