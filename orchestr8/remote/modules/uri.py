"""The uri module: asks a web service, and checks what it answers."""

import os
import re
import time
from typing import Any, Dict, Optional, Tuple

from orchestr8.remote.digests import digest, file_digest
from orchestr8.remote.files import read, replacement
from orchestr8.remote.http_names import file_name
from orchestr8.remote.http_request import HTTP_ARGS, Answer, request
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import FILE_ARGS, ownership

_JSON = ("json", "javascript")


class Uri(Module):
    """Talk to a web service."""

    name = "uri"
    check_mode = False
    args = dict(
        FILE_ARGS,
        **dict(
            HTTP_ARGS,
            url_username=Arg("str", "User for basic or digest authentication.", aliases=["user"]),
            url_password=Arg("str", "Password for it.", aliases=["password"], secret=True),
            method=Arg("str", "The method.", default="GET"),
            body=Arg("raw", "What to send."),
            body_format=Arg(
                "str",
                "How to write the body, and its content type.",
                default="raw",
                choices=["form-urlencoded", "json", "raw", "form-multipart"],
            ),
            src=Arg("path", "A file to send; on the host with `remote_src`, else on the controller."),
            remote_src=Arg("bool", "Take `src` from the host.", default=False),
            dest=Arg("path", "Where to keep the answer."),
            return_content=Arg("bool", "Return the answer's body.", default=False),
            status_code=Arg("list", "Status codes that are right.", default=[200], elements="int"),
            follow_redirects=Arg(
                "str",
                "Which redirects to follow; safe means those of GET and HEAD.",
                default="safe",
                choices=["all", "no", "none", "safe", "urllib2", "yes"],
            ),
            creates=Arg("path", "When this file exists, nothing is asked."),
            removes=Arg("path", "When this file does not exist, nothing is asked."),
            timeout=Arg("int", "Seconds to wait for the server.", default=30),
            unix_socket=Arg("path", "Socket to speak over, in place of the network."),
            ca_path=Arg("path", "Certificates to trust: a PEM file or a directory."),
        ),
    )
    exclusive = (("body", "src"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Ask."""
        method = call["method"].upper()
        if not re.match("^[A-Z]+$", method):
            raise Failure("Parameter 'method' needs to be a single word in uppercase, like GET or POST.")
        skipped = _skipped(call)
        if skipped:
            return {"changed": False, "stdout": skipped}
        body, headers = _body(call)
        start = time.monotonic()
        answer = request(call, method, body, headers, _modified(call))
        return _result(call, answer, int(time.monotonic() - start))


def _skipped(call: Call) -> str:
    creates, removes = call["creates"], call["removes"]
    if creates and os.path.exists(creates):
        return "skipped, since '%s' exists" % creates
    if removes and not os.path.exists(removes):
        return "skipped, since '%s' does not exist" % removes
    return ""


def _body(call: Call) -> Tuple[Optional[bytes], Dict[str, str]]:
    headers: Dict[str, str] = dict(call["headers"] or {})
    if call["src"]:
        return (read(call["src"]) if call["remote_src"] else call.blob), headers
    if call["body"] is None and call["body_format"] == "raw":
        return None, headers
    from orchestr8.remote.http_body import encoded

    body, kind = encoded(call["body"], call["body_format"])
    if kind and (call["body_format"] == "form-multipart" or "content-type" not in map(str.lower, headers)):
        headers["Content-Type"] = kind
    return body, headers


def _modified(call: Call) -> Optional[float]:
    dest = call["dest"]
    return os.path.getmtime(dest) if dest and os.path.isfile(dest) else None


def _result(call: Call, answer: Answer, elapsed: int) -> Dict[str, Any]:
    from urllib.parse import urljoin

    right = answer.status in call["status_code"]
    result = answer.info()
    result.update(elapsed=elapsed, changed=False, redirected=answer.url != call["url"])
    content = _content(answer, call)
    if call["dest"] and answer.response is not None:
        _keep(call, answer, content, result, right=right)
    if "location" in result:
        result["location"] = urljoin(answer.url, result["location"])
    _add_text(call, answer, content, result, right=right)
    if not right:
        msg = "Status code was %s and not %s: %s" % (answer.status, call["status_code"], result.pop("msg"))
        raise Failure(msg, **result)
    return result


def _content(answer: Answer, call: Call) -> bytes:
    import http.client

    if answer.response is None:
        return b""
    try:
        return bytes(answer.stream(decompress=call["decompress"]).read())
    except (OSError, EOFError, http.client.HTTPException) as error:
        raise Failure(
            "HTTP Error while fetching %s: %s" % (answer.url, error), status=answer.status
        ) from None


def _keep(call: Call, answer: Answer, content: bytes, result: Dict[str, Any], *, right: bool) -> None:
    """Write the body to `dest` where it differs; a directory takes the answer's own file name."""
    dest = call["dest"]
    if os.path.isdir(dest):
        dest = os.path.join(dest, file_name(answer) or "index.html")
    result["path"] = dest
    if not right or answer.status == 304:
        return
    if not os.path.isfile(dest) or file_digest(dest) != digest(content):
        replacement(call).put(call, dest, content)
    ownership(call).settle(call, dest)
    result["changed"] = True


def _add_text(call: Call, answer: Answer, content: bytes, result: Dict[str, Any], *, right: bool) -> None:
    headers = answer.response.headers if answer.response is not None else None
    sub_type = headers.get_content_subtype().lower() if headers is not None else ""
    is_json = sub_type.rpartition("+")[2] in _JSON
    if not (is_json or call["return_content"] or not right):
        return
    charset = str(headers.get_param("charset") or "utf-8") if headers is not None else "utf-8"
    try:
        text = content.decode(charset, "surrogateescape")
    except LookupError:
        text = content.decode("utf-8", "surrogateescape")
    if call["return_content"]:
        result["content"] = text
    elif not right:
        result["body"] = text
    if is_json:
        import json

        try:
            result["json"] = json.loads(text)
        except ValueError:
            return


MODULE = Uri
