"""What dpkg's own files say is installed: no process, no python3-apt."""

import re
from typing import Dict, Iterable, List, NamedTuple, Optional

from orchestr8.remote.module import Failure

STATUS = "/var/lib/dpkg/status"
EXTENDED_STATES = "/var/lib/apt/extended_states"

Package = NamedTuple(
    "Package", [("name", str), ("architecture", str), ("version", str), ("wanted", str), ("state", str)]
)


def installed(package: Optional[Package]) -> bool:
    """Tell whether a package is wholly installed."""
    return package is not None and package.state == "installed"


def has_remains(package: Optional[Package]) -> bool:
    """Tell whether anything of a package is on the host, were it only its configuration."""
    return package is not None and package.state != "not-installed"


class Status:
    """The status file, read once and searched by name."""

    def __init__(self, path: str = STATUS) -> None:
        try:
            with open(path, "rb") as file:
                self._text = file.read().decode("utf-8", "replace")
        except OSError as error:
            raise Failure(f"cannot read the package database {path}: {error.strerror}") from None
        self._found: Dict[str, List[Package]] = {}

    def find(self, name: str) -> Optional[Package]:
        """Return the package of this name, `name:architecture` too; an installed one first."""
        plain, _, architecture = name.partition(":")
        fitting = [one for one in self._named(plain) if architecture in ("", "any", one.architecture)]
        whole = [one for one in fitting if installed(one)]
        return (whole or fitting or [None])[0]  # type: ignore[list-item]

    def _named(self, name: str) -> List[Package]:
        if name not in self._found:
            pattern = rf"^Package: {re.escape(name)}\n(?:.+\n?)*"
            self._found[name] = [_package(match.group(0)) for match in re.finditer(pattern, self._text, re.M)]
        return self._found[name]

    def names(self) -> List[str]:
        """Return the names of all packages dpkg knows."""
        return re.findall(r"^Package: (.+)$", self._text, re.M)

    def packages(self) -> Iterable[Package]:
        """Yield every package dpkg knows."""
        return (_package(paragraph) for paragraph in self._text.split("\n\n") if paragraph.strip())

    def provides(self, name: str) -> bool:
        """Tell whether an installed package provides this virtual one."""
        pattern = rf"^Provides:(?:.*[ ,]|){re.escape(name)}(?=[ ,(:\n]|$)"
        for match in re.finditer(pattern, self._text, re.M):
            start = self._text.rfind("\n\n", 0, match.start()) + 1
            end = self._text.find("\n\n", match.start())
            if installed(_package(self._text[start : end if end >= 0 else None])):
                return True
        return False


def _package(paragraph: str) -> Package:
    fields = dict(re.findall(r"^(Package|Architecture|Version|Status): (.*)$", paragraph, re.M))
    words = (fields.get("Status", "") + "   ").split(" ")
    return Package(
        fields.get("Package", ""),
        fields.get("Architecture", ""),
        fields.get("Version", ""),
        words[0],
        words[2],
    )


def automatic(names: Iterable[str], path: str = EXTENDED_STATES) -> List[str]:
    """Return those of the packages that are marked as installed only because another needs them."""
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    marked = set()
    for paragraph in text.split("\n\n"):
        fields = dict(re.findall(r"^([\w-]+): (.*)$", paragraph, re.M))
        if fields.get("Auto-Installed") == "1":
            marked.add(fields.get("Package"))
    return [name for name in names if name.partition(":")[0] in marked]
