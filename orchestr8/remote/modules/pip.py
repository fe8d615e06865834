"""pip: manages Python packages."""

import os
import re
import shlex
from typing import Any, Dict, List, Optional

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import Finished, run, text
from orchestr8.remote.python_versions import among

_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])?\s*(.*)$")
_EXACT = re.compile(r"===?\s*([^,;\s]+)$")
_VCS = re.compile(r"((git|hg|svn|bzr)\+|https?://|file:|[./])")
WORDS = {
    "present": ["install"],
    "absent": ["uninstall", "-y"],
    "latest": ["install", "-U"],
    "forcereinstall": ["install", "-U", "--force-reinstall"],
}


class Pip(Module):
    """Installs, upgrades and removes Python packages, in a virtual environment or for the whole host."""

    name = "pip"
    args = {
        "name": Arg("list", "Packages as pip knows them, with version specifiers, or URLs.", elements="str"),
        "version": Arg("str", "Version of the one package in name."),
        "requirements": Arg("str", "Path of a requirements file on the host."),
        "virtualenv": Arg("path", "Folder of a virtual environment; made when there is none."),
        "virtualenv_site_packages": Arg("bool", "A new environment sees the host's packages.", default=False),
        "virtualenv_command": Arg(
            "path", "What makes an environment: a program and its words.", default="virtualenv"
        ),
        "virtualenv_python": Arg("str", "Interpreter of a new environment."),
        "state": Arg(
            "str",
            "latest upgrades, forcereinstall installs what is there again.",
            default="present",
            choices=["absent", "forcereinstall", "latest", "present"],
        ),
        "extra_args": Arg("str", "More words for pip."),
        "editable": Arg("bool", "Install sources so that changes to them count at once.", default=False),
        "chdir": Arg("path", "Folder to run pip in."),
        "executable": Arg("path", "The pip program."),
        "umask": Arg("str", "Umask for the files pip writes."),
        "break_system_packages": Arg(
            "bool", "Install although the host's own manager owns Python.", default=False
        ),
    }
    one_of = (("name", "requirements"),)
    exclusive = (("name", "requirements"), ("executable", "virtualenv"))

    def run(self, call: Call) -> Dict[str, Any]:
        """Make the environment if it lacks, compare with what is installed, and run pip for the rest."""
        names = _named(call)
        made = _environment(call)
        command = _command(call)
        out: Dict[str, Any] = {"changed": made, "name": call["name"], "version": call["version"]}
        out.update(state=call["state"], requirements=call["requirements"], virtualenv=call["virtualenv"])
        if made and call.check:
            return out
        before = _installed(call, command)
        if (
            names
            and call["state"] in ("present", "absent")
            and not call["extra_args"]
            and not call["editable"]
        ):
            names = [name for name in names if not _is_so(name, call["state"], before)]
            if not names:
                return out
        if call.check:
            return dict(out, changed=True)
        words = [*command, *WORDS[call["state"]], *_extra(call), *(names or ["-r", call["requirements"]])]
        done = _pip(call, words)
        if done.rc:
            reason = (text(done.stderr) or text(done.stdout)).strip()
            raise Failure(f"{' '.join(words)} failed: {reason}", rc=done.rc, cmd=words)
        again = call["state"] == "forcereinstall"
        out["changed"] = made or again or _installed(call, command) != before
        return dict(out, cmd=words, stdout=text(done.stdout), stderr=text(done.stderr))


def _named(call: Call) -> List[str]:
    """Return the packages; `a>=1,<2` cut at its comma by the list's reading is put together again."""
    names: List[str] = []
    for name in call["name"] or []:
        if names and re.match(r"\s*(<|>|!|~|=)", name):
            names[-1] += "," + name.strip()
        else:
            names.append(name.strip())
    if call["version"] is None:
        return names
    if call["state"] == "latest":
        raise Failure("version is incompatible with state=latest")
    if len(names) != 1:
        raise Failure("'version' argument is ambiguous when installing multiple package distributions.")
    operator = "" if re.match(r"[<>!~=]", call["version"]) else "=="
    return [names[0] + operator + call["version"]]


def _environment(call: Call) -> bool:
    """Make the virtual environment when there is none; return whether there was none."""
    folder = call["virtualenv"]
    if not folder or os.path.exists(os.path.join(folder, "bin", "activate")):
        return False
    if call.check:
        return True
    words = shlex.split(call["virtualenv_command"])
    if words == ["virtualenv"] and not _found("virtualenv"):
        words = [call["virtualenv_python"] or "python3", "-m", "venv"]
    elif call["virtualenv_python"] and not {"venv", "pyvenv"} & set(words):
        words += ["-p", call["virtualenv_python"]]
    if call["virtualenv_site_packages"]:
        words.append("--system-site-packages")
    done = _pip(call, [*words, folder])
    if done.rc:
        reason = (text(done.stderr) or text(done.stdout)).strip()
        raise Failure(f"could not make the virtual environment {folder}: {reason}", rc=done.rc)
    return True


def _found(program: str) -> bool:
    folders = os.environ.get("PATH", os.defpath).split(":")
    return any(os.access(os.path.join(folder, program), os.X_OK) for folder in folders)


def _command(call: Call) -> List[str]:
    if call["virtualenv"]:
        return [os.path.join(call["virtualenv"], "bin", "python"), "-m", "pip"]
    if call["executable"]:
        return [call["executable"]]
    return ["python3", "-m", "pip"]


def _pip(call: Call, words: List[str]) -> Finished:
    environ = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    if call["break_system_packages"]:
        environ["PIP_BREAK_SYSTEM_PACKAGES"] = "1"
    umask = int(call["umask"], 8) if call["umask"] else None
    folder = call["chdir"] or (
        call["virtualenv"] if call["virtualenv"] and os.path.isdir(call["virtualenv"]) else "/"
    )
    return run(
        words,
        cwd=folder,
        environ=environ,
        umask=umask,
        parse=True,
        timeout=call.timeout,
        progress=call.progress,
    )


def _installed(call: Call, command: List[str]) -> Dict[str, str]:
    """Return the installed packages and their versions."""
    done = _pip(call, [*command, "list", "--format=freeze"])
    if done.rc:
        reason = (text(done.stderr) or text(done.stdout)).strip()
        raise Failure(f"pip cannot be run here: {reason}", rc=done.rc)
    found = {}
    for line in text(done.stdout).splitlines():
        name, sign, version = line.partition("==")
        if sign:
            found[_normal(name)] = version.strip()
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_so(wish: str, state: str, installed: Dict[str, str]) -> bool:
    """Tell whether a package is as wished, as far as can be told without asking pip to resolve it."""
    found = _NAME.match(wish)
    if _VCS.match(wish) or found is None or "@" in wish:
        return False
    version: Optional[str] = installed.get(_normal(found.group(1)))
    if state == "absent":
        return version is None
    if version is None:
        return False
    if not found.group(3):
        return found.group(2) is None
    exact = _EXACT.match(found.group(3))
    return bool(exact and exact.group(1) == version) or among(version, found.group(3)) is True


def _extra(call: Call) -> List[str]:
    words = shlex.split(call["extra_args"] or "")
    return [*words, "-e"] if call["editable"] and "-e" not in words else words


MODULE = Pip
