"""How redirects are followed, certificates are checked, and Unix sockets are spoken to."""

import http.client
import socket
import urllib.error
import urllib.request
from typing import Any

from orchestr8.remote.module import Call, Failure

_BODY = ("content-length", "content-type", "transfer-encoding")
_SECRET = ("authorization", "cookie")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects as the task says; what proves who we are does not go to another host."""

    policy = "urllib2"

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        """Return the next request, or raise the answer as an error."""
        if self.policy == "urllib2":
            return urllib.request.HTTPRedirectHandler.redirect_request(
                self, req, fp, code, msg, headers, newurl
            )
        method = req.get_method()
        if self.policy in ("none", "no") or (self.policy == "safe" and method not in ("GET", "HEAD")):
            raise urllib.error.HTTPError(req.full_url, code, msg, headers, fp)
        keep = code in (307, 308)
        if method != "HEAD" and (code in (302, 303) or (code == 301 and method == "POST")):
            method = "GET"
        following = urllib.request.Request(  # noqa: S310 -- the scheme was checked by the caller
            newurl.replace(" ", "%20"),
            data=req.data if keep else None,
            headers={name: value for name, value in req.headers.items() if keep or name.lower() not in _BODY},
            origin_req_host=req.origin_req_host,
            unverifiable=True,
            method=method,
        )
        if following.host != req.host:
            following.headers = {k: v for k, v in following.headers.items() if k.lower() not in _SECRET}
        return following

    http_error_308 = urllib.request.HTTPRedirectHandler.http_error_302


class _Unix(urllib.request.HTTPHandler):
    """Speaks HTTP over a Unix socket, whatever the address says."""

    path = ""

    def http_open(self, req: Any) -> Any:
        """Open the request on the socket."""
        path = self.path

        class Connection(http.client.HTTPConnection):
            """A connection to the socket."""

            def connect(self) -> None:
                """Connect."""
                self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                if isinstance(self.timeout, (int, float)):
                    self.sock.settimeout(self.timeout)
                self.sock.connect(path)

        return self.do_open(Connection, req)


def redirects(policy: str) -> Any:
    """Return a handler for redirects: all, none, safe or urllib2."""
    handler = _Redirects()
    handler.policy = policy
    return handler


def unix(path: str) -> Any:
    """Return a handler for requests over a Unix socket."""
    handler = _Unix()
    handler.path = path
    return handler


def context(call: Call) -> Any:
    """Return the TLS settings of a call."""
    import ssl

    try:
        found = ssl.create_default_context()
        if not call["validate_certs"]:
            found.check_hostname = False
            found.verify_mode = ssl.CERT_NONE
        _trust(found, call.args.get("ca_path"))
        if call["client_cert"]:
            found.load_cert_chain(call["client_cert"], call["client_key"])
        if call["ciphers"]:
            found.set_ciphers(":".join(call["ciphers"]))
    except (OSError, ssl.SSLError) as error:
        raise Failure("TLS cannot be set up: %s" % error, status=-1) from None
    return found


def _trust(found: Any, path: Any) -> None:
    import os

    if path and os.path.isdir(path):
        found.load_verify_locations(capath=path)
    elif path:
        found.load_verify_locations(cafile=path)
