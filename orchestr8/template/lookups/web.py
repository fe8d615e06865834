"""Lookup of what web servers say to the controller."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from orchestr8.remote.http_request import HTTP_ARGS, masked, request
from orchestr8.remote.module import Call, Failure
from orchestr8.template.errors import LookupFailed
from orchestr8.template.filters.values import to_bool
from orchestr8.template.lookup import LookupCall
from orchestr8.template.secrets import reveal

_NAMES = {"username": "url_username", "password": "url_password"}
_BY_VARIABLE = {
    "force": "force",
    "timeout": "timeout",
    "http_agent": "agent",
    "force_basic_auth": "force_basic_auth",
    "follow_redirects": "follow_redirects",
    "use_netrc": "use_netrc",
    "unix_socket": "unix_socket",
    "ca_path": "ca_path",
    "unredirected_headers": "unredir_headers",
    "ciphers": "ciphers",
}
_LOWEST_ERROR = 400


def url(terms: list[Any], call: LookupCall) -> Iterable[str]:
    """Yield the lines of addresses' contents, or each content in one piece (`split_lines: false`)."""
    for term in terms:
        text = _content(str(term), call)
        if to_bool(call.options.get("split_lines", True)):
            yield from text.splitlines()
        else:
            yield text


def _content(address: str, call: LookupCall) -> str:
    asked = Call(_arguments(address, call))
    try:
        answer = request(asked, "GET", headers=call.option("headers") or {})
    except Failure as failure:
        raise LookupFailed(f"Failed lookup url for {masked(address)}: {failure}") from None
    if answer.status == -1:
        raise LookupFailed(f"Failed lookup url for {masked(address)}: {answer.msg}")
    if answer.status >= _LOWEST_ERROR:
        raise LookupFailed(f"Received HTTP error for {masked(address)}: {answer.msg}")
    with answer.response:
        return str(answer.stream(decompress=True).read().decode("utf-8", "surrogateescape"))


def _arguments(address: str, call: LookupCall) -> dict[str, Any]:
    """Return the arguments of the request: options of the call, then variables, then the defaults."""
    found = {name: arg.default for name, arg in HTTP_ARGS.items()}
    found.update(timeout=10, url=address)
    found.update(
        {
            name: call.variable(f"ansible_lookup_url_{short}")
            for name, short in _BY_VARIABLE.items()
            if call.variable(f"ansible_lookup_url_{short}") is not None
        }
    )
    given = {_NAMES.get(name, name): value for name, value in call.options.items() if value is not None}
    found.update(given)
    for name, value in found.items():
        if name in HTTP_ARGS and HTTP_ARGS[name].type == "bool":
            found[name] = to_bool(value)
    found["timeout"] = float(found["timeout"])
    return dict(reveal(found))


NAMES = {"url": url}
