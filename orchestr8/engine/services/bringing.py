"""Looks up what a service names on the controller: files of configs and secrets, variables, env files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.secret import Secret
from orchestr8.core.span import span_of
from orchestr8.core.vaulted import is_encrypted
from orchestr8.engine.services import env_file
from orchestr8.language.search import Search
from orchestr8.template.options import Options
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar

_CODE = "O8-3330"


@dataclass(frozen=True)
class Bringer:
    """Where a play's services find what they name; scope is that of the host that is asked for values."""

    search: Search
    templar: Templar
    scope: Scope

    def brought(self, service: Mapping[str, Any]) -> dict[str, Any]:
        """Return a rendered service with `content` in each config and secret, and env files read."""
        found = dict(service)
        for key, bring in (("configs", self._config), ("secrets", self._secret)):
            if isinstance(found.get(key), list):
                found[key] = [bring(item) for item in found[key]]
        if isinstance(found.get("ingress"), Mapping):
            found["ingress"] = self._certified(found["ingress"])
        if isinstance(found.get("update"), Mapping):
            found["update"] = self._tests(found["update"])
        if found.get("env_file") is not None:
            found["environment"] = {
                **self._variables(found.pop("env_file")),
                **_named(found.get("environment")),
            }
        return found

    def _config(self, item: Any) -> Any:
        entry = {"source": item} if isinstance(item, str) else item
        if not isinstance(entry, dict) or "content" in entry or not isinstance(entry.get("source"), str):
            return entry
        return {**entry, "content": self._text(entry["source"])}

    def _secret(self, item: Any) -> Any:
        entry = {"source": item} if isinstance(item, str) else item
        if not isinstance(entry, dict) or "content" in entry:
            return entry
        if isinstance(entry.get("file"), str):
            return {**entry, "content": Secret(str(_bare(self._text(entry["file"]))))}
        if isinstance(entry.get("source"), str):
            return {**entry, "content": self._variable(entry["source"])}
        return entry

    def _certified(self, ingress: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return how requests come to a service, with the content of its certificate and key."""
        tls = ingress.get("tls")
        if not isinstance(tls, Mapping):
            return ingress
        given = {key: self._secret(value) if isinstance(value, dict) else value for key, value in tls.items()}
        return {**ingress, "tls": given}

    def _tests(self, update: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return how a service is updated, with the content of files of tests in its checks."""
        steps = update.get("steps")
        if not isinstance(steps, list):
            return update
        return {**update, "steps": [self._step(step) for step in steps]}

    def _step(self, step: Any) -> Any:
        checks = step.get("check") if isinstance(step, Mapping) else None
        if isinstance(checks, list):
            return {**step, "check": [self._check(check) for check in checks]}
        return {**step, "check": self._check(checks)} if isinstance(checks, Mapping) else step

    def _check(self, check: Any) -> Any:
        if not isinstance(check, Mapping) or not isinstance(check.get("testinfra"), str):
            return check
        content, _ = self._read(self.search.find(check["testinfra"], "files"))
        return {**check, "content": content}

    def _variable(self, name: str) -> Secret:
        if name not in self.scope:
            hint = "`source` names a variable; a file is named by `file`"
            raise InvalidInput(Diagnostic(_CODE, f"no variable `{name}` for a secret", span_of(name), hint))
        value = self.templar.variables(self.scope)[name]
        return value if isinstance(value, Secret) else Secret(str(value))

    def _text(self, name: str) -> str | Secret:
        """Return a file's text, rendered when it is a template; what was encrypted is a secret."""
        template = name.endswith(".j2")
        path = self.search.find(name, "templates" if template else "files")
        data, hidden = self._read(path)
        if template:
            data = self.templar.render_file(data, path, self.scope, Options())
        return Secret(data) if hidden else data

    def _read(self, path: str) -> tuple[str, bool]:
        try:
            data = Path(path).read_bytes()
            hidden = is_encrypted(data)
            return self.templar.vault.content(data, path).decode("utf-8"), hidden
        except OSError as error:
            raise InvalidInput(Diagnostic(_CODE, f"cannot read {path}: {error.strerror}")) from None
        except UnicodeDecodeError:
            hint = "put it on the hosts by a task and mount it"
            raise InvalidInput(Diagnostic(_CODE, f"{path} is no text in UTF-8", hint=hint)) from None

    def _variables(self, given: Any) -> dict[str, str | Secret]:
        found: dict[str, str | Secret] = {}
        for item in given if isinstance(given, list) else [given]:
            entry = item if isinstance(item, dict) else {"path": item}
            name = str(entry.get("path"))
            if entry.get("required") is False and self.search.look(name, "files") is None:
                continue
            found.update(self._file(name, raw=entry.get("format") == "raw"))
        return found

    def _file(self, name: str, *, raw: bool) -> dict[str, str | Secret]:
        path = self.search.find(name, "files")
        data, hidden = self._read(path)
        try:
            found = env_file.parse(data, raw=raw)
        except ValueError as error:
            raise InvalidInput(Diagnostic(_CODE, f"{path}: {error}", span_of(name))) from None
        return {key: Secret(value) if hidden else value for key, value in found.items()}


def _bare(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _named(environment: Any) -> dict[str, Any]:
    """Return variables written in either of Compose's forms by their names."""
    if isinstance(environment, list):
        return dict(str(line).partition("=")[::2] for line in environment)
    return environment if isinstance(environment, dict) else {}
