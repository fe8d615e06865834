"""Bodies of requests: JSON, forms, and forms with files."""

import os
from typing import Any, Dict, List, Optional, Tuple

from orchestr8.remote.files import read
from orchestr8.remote.module import Failure


def encoded(body: Any, form: str) -> Tuple[Optional[bytes], str]:
    """Return the bytes of a body and their content type, "" where the form tells none."""
    if form == "json":
        return _json(body), "application/json"
    if form == "form-urlencoded":
        return _urlencoded(body), "application/x-www-form-urlencoded"
    if form == "form-multipart":
        return _multipart(body)
    if body is None:
        return None, ""
    if isinstance(body, (dict, list)):
        return _json(body), ""
    return str(body).encode("utf-8", "surrogateescape"), ""


def _json(body: Any) -> bytes:
    import json

    return (body if isinstance(body, str) else json.dumps(body)).encode("utf-8", "surrogateescape")


def _urlencoded(body: Any) -> Optional[bytes]:
    from urllib.parse import urlencode

    if body is None or isinstance(body, str):
        return None if body is None else body.encode("utf-8", "surrogateescape")
    pairs: List[Tuple[str, str]] = []
    try:
        for key, values in list(body.items()) if isinstance(body, dict) else body:
            several = values if isinstance(values, (list, tuple)) else [values]
            pairs += [(str(key), str(value)) for value in several if value is not None]
    except (TypeError, ValueError) as error:
        raise Failure("failed to parse body as form_urlencoded: %s" % error, elapsed=0) from None
    return urlencode(pairs).encode("ascii")


def _multipart(body: Any) -> Tuple[bytes, str]:
    if not isinstance(body, dict):
        text = "failed to parse body as form-multipart: Mapping is required, cannot be type %s"
        raise Failure(text % type(body).__name__)
    boundary = "o8-%s" % os.urandom(16).hex()
    parts = [_part(str(name), value) for name, value in sorted(body.items())]
    start = b"--" + boundary.encode("ascii") + b"\r\n"
    end = b"--" + boundary.encode("ascii") + b"--\r\n"
    return b"".join(
        start + part + b"\r\n" for part in parts
    ) + end, "multipart/form-data; boundary=%s" % boundary


def _part(name: str, value: Any) -> bytes:
    field = dict(value) if isinstance(value, dict) else {"content": value, "mime_type": "text/plain"}
    filename, content = field.get("filename"), field.get("content")
    if not filename and not content and isinstance(value, dict):
        raise Failure(
            "failed to parse body as form-multipart: at least one of filename or content must be provided"
        )
    headers: Dict[str, str] = {"Content-Disposition": 'form-data; name="%s"' % _quoted(name)}
    if filename:
        headers["Content-Disposition"] += '; filename="%s"' % _quoted(os.path.basename(filename))
    headers["Content-Type"] = field.get("mime_type") or _guess(filename)
    data = str(content).encode("utf-8", "surrogateescape") if content else b""
    if filename and not content:
        data = read(filename)
        if field.get("multipart_encoding", "base64") == "base64":
            import base64

            headers["Content-Transfer-Encoding"] = "base64"
            data = base64.encodebytes(data)
    lines = ["%s: %s\r\n" % pair for pair in headers.items()]
    return "".join(lines).encode("utf-8") + b"\r\n" + data


def _guess(filename: Any) -> str:
    import mimetypes

    return mimetypes.guess_type(filename or "", strict=False)[0] or "application/octet-stream"


def _quoted(word: str) -> str:
    return word.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", " ")
