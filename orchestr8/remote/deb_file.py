"""A .deb file to install: where it is, and whether what it holds is installed already."""

import os
from typing import Dict

from orchestr8.remote import dpkg
from orchestr8.remote.debian_version import sort_key
from orchestr8.remote.module import Call, Failure
from orchestr8.remote.process import run, text


def needed(path: str, call: Call) -> bool:
    """Tell whether the file's package is not installed in the file's version."""
    fields = control(path)
    package = dpkg.Status().find("{Package}:{Architecture}".format(**fields).replace(":all", ""))
    if package is None or not dpkg.installed(package) or package.version == fields["Version"]:
        return not dpkg.installed(package)
    later = sort_key(package.version) > sort_key(fields["Version"])
    if later and not call["allow_downgrade"] and not call["force"]:
        message = "{} holds {} {}, and the later {} is installed; allow_downgrade would install it"
        raise Failure(message.format(path, fields["Package"], fields["Version"], package.version))
    return True


def control(path: str) -> Dict[str, str]:
    """Return the name, version and architecture of the file's package."""
    if not os.path.isfile(path):
        raise Failure(f"Unable to install package: there is no file {path}")
    done = run(["dpkg-deb", "--field", path, "Package", "Version", "Architecture"], parse=True)
    fields = dict(line.split(": ", 1) for line in text(done.stdout).splitlines() if ": " in line)
    if done.rc or len(fields) < 3:
        raise Failure(f"Unable to install package: {path} is not a package: {text(done.stderr).strip()}")
    return fields


def fetched(url: str, folder: str, timeout: float = 30) -> str:
    """Download the file into the folder and return its path there."""
    import shutil
    import urllib.error
    import urllib.request

    path = os.path.join(folder, os.path.basename(url.split("?")[0]) or "package.deb")
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer, open(path, "wb") as file:  # noqa: S310 -- asked for
            shutil.copyfileobj(answer, file)
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise Failure(f"Failure downloading {url}: {reason}") from None
    return path
