"""`ansible.module_utils.urls`: requests over HTTP."""

import base64
import http.client
import io
import os
import shutil
import socket  # noqa: F401 -- modules take it from here
import ssl
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http import cookiejar
from typing import Any, Dict, List, Optional, Tuple

from orchestr8.remote import http_request
from orchestr8.remote.module import Call, Failure
from orchestr8.remote.own.converters import to_bytes, to_native, to_text

HAS_GSSAPI, HAS_SSL, HAS_SSLCONTEXT = False, True, True
urllib_request = urllib.request
urlparse, urlunparse = urllib.parse.urlparse, urllib.parse.urlunparse
ParseResultDottedDict = dict
_TEXTS = ("url_username", "url_password", "http_agent", "client_cert", "client_key", "ca_path", "unix_socket")


class ConnectionError(Exception):
    """A server cannot be reached."""


class ProxyError(ConnectionError):
    """A proxy refuses."""


class SSLValidationError(ConnectionError):
    """A certificate is not good."""


class NoSSLError(SSLValidationError):
    """There is no TLS."""


class MissingModuleError(Exception):
    """A library is missing."""


def url_argument_spec() -> Dict[str, Any]:
    """Return the parameters of modules that ask servers."""
    return {
        "url": {"type": "str"},
        "force": {"type": "bool", "default": False},
        "http_agent": {"type": "str", "default": "ansible-httpget"},
        "use_proxy": {"type": "bool", "default": True},
        "validate_certs": {"type": "bool", "default": True},
        "url_username": {"type": "str"},
        "url_password": {"type": "str", "no_log": True},
        "force_basic_auth": {"type": "bool", "default": False},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path"},
        "use_gssapi": {"type": "bool", "default": False},
    }


def basic_auth_header(username: Optional[str], password: Optional[str]) -> bytes:
    """Return the value of a header that proves who one is."""
    pair = to_bytes("%s:%s" % (username or "", password or ""))
    return b"Basic %s" % base64.b64encode(pair)


def open_url(
    url: str, data: Any = None, headers: Any = None, method: Optional[str] = None, use_proxy: bool = True,
    force: bool = False, last_mod_time: Any = None, timeout: float = 10, validate_certs: bool = True,
    url_username: Any = None, url_password: Any = None, http_agent: Any = None,
    force_basic_auth: bool = False, follow_redirects: Any = "urllib2", client_cert: Any = None,
    client_key: Any = None, cookies: Any = None, use_gssapi: bool = False, unix_socket: Any = None,
    ca_path: Any = None, unredirected_headers: Any = None, decompress: bool = True, ciphers: Any = None,
    use_netrc: bool = True,
) -> Any:  # fmt: skip
    """Ask a server and return its response; raise what urllib raises."""
    given = dict(locals())
    args = {name: spec.default for name, spec in http_request.HTTP_ARGS.items()}
    args.update({name: given[name] for name in args if given.get(name) is not None})
    args.update({name: given[name] for name in _TEXTS if given.get(name) is not None})
    args.update(
        timeout=timeout, follow_redirects=_policy(follow_redirects), ca_path=ca_path, url=to_text(url)
    )
    args["unix_socket"] = unix_socket
    sent = {to_native(name): to_native(value) for name, value in (headers or {}).items()}
    modified = last_mod_time.timestamp() if last_mod_time is not None else None
    body = to_bytes(data) if isinstance(data, str) else data
    verb = (method or ("POST" if body is not None else "GET")).upper()
    jar = cookies if cookies is not None else cookiejar.CookieJar()
    response = http_request.opened(Call(args), verb, body, sent, modified, jar)
    packed = response.headers.get("content-encoding", "").lower() == "gzip"
    return _Unpacked(response) if decompress and packed else response


def _policy(value: Any) -> str:
    if isinstance(value, bool):
        return "all" if value else "none"
    return {"yes": "all", "no": "none"}.get(str(value).lower(), str(value).lower()) if value else "urllib2"


class _Unpacked(io.RawIOBase):
    """A response whose body is unpacked while it is read."""

    def __init__(self, response: Any) -> None:
        import gzip

        self._response = response
        self._body = gzip.GzipFile(fileobj=response)

    def read(self, size: int = -1) -> bytes:
        """Return some of the body."""
        return self._body.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response, name)


class Request:
    """Requests with the same options."""

    def __init__(self, headers: Any = None, **options: Any) -> None:
        self.headers = headers or {}
        self._options = options

    def open(self, method: str, url: str, data: Any = None, headers: Any = None, **options: Any) -> Any:
        """Ask a server."""
        whole = {name: each for name, each in dict(self._options, **options).items() if each is not None}
        return open_url(url, data=data, headers=dict(self.headers, **(headers or {})), method=method, **whole)

    def get(self, url: str, **options: Any) -> Any:
        """Ask by GET."""
        return self.open("GET", url, **options)

    def options(self, url: str, **options: Any) -> Any:
        """Ask by OPTIONS."""
        return self.open("OPTIONS", url, **options)

    def head(self, url: str, **options: Any) -> Any:
        """Ask by HEAD."""
        return self.open("HEAD", url, **options)

    def post(self, url: str, data: Any = None, **options: Any) -> Any:
        """Ask by POST."""
        return self.open("POST", url, data=data, **options)

    def put(self, url: str, data: Any = None, **options: Any) -> Any:
        """Ask by PUT."""
        return self.open("PUT", url, data=data, **options)

    def patch(self, url: str, data: Any = None, **options: Any) -> Any:
        """Ask by PATCH."""
        return self.open("PATCH", url, data=data, **options)

    def delete(self, url: str, **options: Any) -> Any:
        """Ask by DELETE."""
        return self.open("DELETE", url, **options)


def fetch_url(
    module: Any, url: str, data: Any = None, headers: Any = None, method: Optional[str] = None,
    use_proxy: Optional[bool] = None, force: bool = False, last_mod_time: Any = None, timeout: float = 10,
    use_gssapi: bool = False, unix_socket: Any = None, ca_path: Any = None, cookies: Any = None,
    unredirected_headers: Any = None, decompress: bool = True, ciphers: Any = None, use_netrc: bool = True,
) -> Tuple[Any, Dict[str, Any]]:  # fmt: skip
    """Ask a server as the module's parameters say; return its response (or None) and what it said."""
    params = module.params
    policy = params.get("follow_redirects", "urllib2")
    jar = cookies if cookies is not None else cookiejar.CookieJar()
    own = ("url_username", "url_password", "client_cert", "client_key", "force_basic_auth")
    options = {name: params.get(name) for name in own if params.get(name) is not None}
    options.update(
        data=data, headers=headers, method=method, force=force, last_mod_time=last_mod_time, timeout=timeout,
        unix_socket=unix_socket, ca_path=ca_path, unredirected_headers=unredirected_headers,
        decompress=decompress, ciphers=ciphers, use_netrc=use_netrc, cookies=jar, follow_redirects=policy,
        http_agent=params.get("http_agent", "ansible-httpget"),
        validate_certs=params.get("validate_certs", True),
        use_proxy=params.get("use_proxy", True) if use_proxy is None else use_proxy,
    )  # fmt: skip
    info: Dict[str, Any] = {"url": url, "status": -1}
    response = None
    try:
        response = open_url(url, **options)
        info.update(_headed(response.headers), url=response.geturl(), status=response.getcode())
        info["cookies"] = {each.name: each.value for each in jar}
        info["cookies_string"] = "; ".join("%s=%s" % (each.name, each.value) for each in jar)
        info["msg"] = "OK (%s bytes)" % response.headers.get("Content-Length", "unknown")
    except urllib.error.HTTPError as error:
        response = error
        info.update(_headed(error.headers or {}), msg=str(error), status=error.code)
        info["body"] = error.read() if error.fp else b""
        response = _again(error, info["body"])
    except (urllib.error.URLError, Failure, ValueError) as error:
        if isinstance(error, ValueError) and not isinstance(error, (ssl.SSLError, UnicodeError)):
            module.fail_json(msg=str(error), **info)
        info.update(msg="Request failed: %s" % getattr(error, "msg", error))
    except (OSError, http.client.HTTPException) as error:
        lost = isinstance(error, (OSError, http.client.BadStatusLine))
        kind = "Connection failure" if lost else "An unknown error occurred"
        info["msg"] = "%s: %s" % (kind, error)
    return response, info


def _again(error: Any, body: bytes) -> Any:
    """Return an error whose body can be read once more."""
    return urllib.error.HTTPError(error.geturl(), error.code, error.msg, error.headers, io.BytesIO(body))


def _headed(headers: Any) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    for name, value in headers.items():
        key = name.lower()
        found[key] = "%s, %s" % (found[key], value) if key in found else value
    return found


def fetch_file(
    module: Any, url: str, data: Any = None, headers: Any = None, method: Optional[str] = None,
    use_proxy: bool = True, force: bool = False, last_mod_time: Any = None, timeout: float = 10,
    unredirected_headers: Any = None, decompress: bool = True, ciphers: Any = None,
) -> str:  # fmt: skip
    """Fetch a file into the module's own folder; return its path."""
    ending = os.path.splitext(urllib.parse.urlsplit(url).path)[1]
    with tempfile.NamedTemporaryFile(dir=module.tmpdir, suffix=ending, delete=False) as file:
        module.add_cleanup_file(file.name)
        response, info = fetch_url(
            module, url, data, headers, method, use_proxy, force, last_mod_time, timeout,
            unredirected_headers=unredirected_headers, decompress=decompress, ciphers=ciphers,
        )  # fmt: skip
        if response is None or info["status"] >= 400:
            module.fail_json(msg="Failure downloading %s, %s" % (url, info["msg"]))
        shutil.copyfileobj(response, file)
    return file.name


class _Parts(Dict[str, Any]):
    """The parts of an address, as attributes too."""

    def __getattr__(self, name: str) -> Any:
        return self[name]

    def as_list(self) -> List[Any]:
        """Return the parts in the order in which `urlunparse` takes them."""
        return [self[name] for name in ("scheme", "netloc", "path", "params", "query", "fragment")]


def generic_urlparse(parts: Any) -> Any:
    """Return the parts of an address by name."""
    names = ("scheme", "netloc", "path", "params", "query", "fragment")
    more = ("username", "password", "hostname", "port")
    return _Parts((name, getattr(parts, name, None)) for name in (*names, *more))


def prepare_multipart(fields: Any) -> Tuple[str, bytes]:
    """Return the content type and the body of a form with files."""
    if not isinstance(fields, Mapping):
        raise TypeError("Mapping is required, cannot be type %s" % type(fields).__name__)
    boundary = base64.b16encode(os.urandom(16)).decode("ascii").lower()
    parts = b"".join(_part(name, value, boundary) for name, value in sorted(fields.items()))
    return "multipart/form-data; boundary=" + boundary, parts + b"--%s--\r\n" % boundary.encode("ascii")


def _part(name: str, value: Any, boundary: str) -> bytes:
    given = {"content": value} if isinstance(value, (str, bytes)) else dict(value)
    content, filename = given.get("content"), given.get("filename")
    if filename and content is None:
        with open(filename, "rb") as file:
            content = file.read()
    head = 'Content-Disposition: form-data; name="%s"' % name
    head += '; filename="%s"' % os.path.basename(str(filename)) if filename else ""
    kind = given.get("mime_type") or ("application/octet-stream" if filename else "text/plain")
    lines = "\r\n".join(("--" + boundary, head, "Content-Type: " + str(kind), "", ""))
    return lines.encode("utf-8") + bytes(to_bytes(content)) + b"\r\n"
