"""HTTP requests as tasks describe them: authentication, redirects, certificates, proxies, Unix sockets."""

import os
from typing import Any, Dict, List, Mapping, Optional

from orchestr8.remote.module import Arg, Call, Failure

HTTP_ARGS: Dict[str, Arg] = {
    "url": Arg("str", "The address.", required=True),
    "url_username": Arg("str", "User for basic or digest authentication."),
    "url_password": Arg("str", "Password for basic or digest authentication.", secret=True),
    "force_basic_auth": Arg("bool", "Send the password without being asked for it.", default=False),
    "headers": Arg("dict", "Headers to send."),
    "http_agent": Arg("str", "What to send as User-Agent.", default="ansible-httpget"),
    "force": Arg("bool", "Take no cached copy.", default=False),
    "use_proxy": Arg("bool", "Use the proxy that the environment names.", default=True),
    "use_netrc": Arg("bool", "Take passwords from ~/.netrc.", default=True),
    "use_gssapi": Arg("bool", "Authenticate by GSSAPI; not available here.", default=False),
    "validate_certs": Arg("bool", "Check the server's certificate.", default=True),
    "client_cert": Arg("path", "PEM file with the client's certificate, and perhaps its key."),
    "client_key": Arg("path", "PEM file with the client's key."),
    "ciphers": Arg("list", "TLS ciphers to allow.", elements="str"),
    "decompress": Arg("bool", "Unpack an answer packed by gzip.", default=True),
    "unredirected_headers": Arg("list", "Headers not to send on after a redirect.", elements="str"),
}


class Answer:
    """What a server said; status -1 means that it could not be asked."""

    def __init__(self, status: int, msg: str, url: str, response: Any = None, cookies: Any = ()) -> None:
        self.status = status
        self.msg = msg
        self.url = url
        self.response = response
        self.cookies = {cookie.name: cookie.value for cookie in cookies}
        self.headers = _headers(response)

    def stream(self, *, decompress: bool) -> Any:
        """Return a readable stream of the body."""
        if decompress and self.headers.get("content-encoding", "").lower() == "gzip":
            import gzip

            return gzip.GzipFile(fileobj=self.response)
        return self.response

    def info(self) -> Dict[str, Any]:
        """Return headers, cookies, url, status and msg, as modules report them."""
        found: Dict[str, Any] = {name.replace("-", "_"): value for name, value in self.headers.items()}
        string = "; ".join("%s=%s" % pair for pair in self.cookies.items())
        found.update(cookies=self.cookies, cookies_string=string)
        found.update(url=self.url, status=self.status, msg=self.msg)
        return found


def request(
    call: Call,
    method: str,
    body: Any = None,
    headers: Optional[Mapping[str, str]] = None,
    modified: Optional[float] = None,
) -> Answer:
    """Ask a server; an error status is an answer too.

    modified: only what changed after this moment is wanted, unless the call says `force`.
    """
    import http.client
    import urllib.error
    from http.cookiejar import CookieJar

    cookies = CookieJar()
    address = _login(call)[0]
    try:
        response = opened(call, method, body, headers, modified, cookies)
    except urllib.error.HTTPError as error:
        return Answer(error.code, str(error), masked(error.geturl() or address), error, cookies)
    except urllib.error.URLError as error:
        return Answer(-1, "Request failed: %s" % error, masked(address))
    except (OSError, http.client.HTTPException) as error:
        return Answer(-1, "Connection failure: %s" % (error or type(error).__name__), masked(address))
    except ValueError as error:
        raise Failure(str(error), url=masked(address), status=-1) from None
    size = response.headers.get("Content-Length", "unknown")
    status = getattr(response, "status", None) or 200
    return Answer(status, "OK (%s bytes)" % size, masked(response.geturl()), response, cookies)


def opened(
    call: Call,
    method: str,
    body: Any = None,
    headers: Optional[Mapping[str, str]] = None,
    modified: Optional[float] = None,
    cookies: Any = None,
) -> Any:
    """Ask a server and return its response; raise what urllib raises, for error statuses too."""
    address, login = _login(call)
    asked = _request(call, address, login, method, body, dict(headers or {}), modified)
    return _opener(call, address, login, cookies).open(asked, timeout=call["timeout"])


def masked(url: str) -> str:
    """Return an address without the password it may hold."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if not parts.password:
        return url
    place = parts.netloc.rsplit("@", 1)[1]
    return parts._replace(netloc="%s:********@%s" % (parts.username or "", place)).geturl()


def _headers(response: Any) -> Dict[str, str]:
    """Return the headers by lower-case name; several of one name are joined."""
    found: Dict[str, str] = {}
    for name, value in response.headers.items() if response is not None else ():
        key = name.lower()
        found[key] = "%s, %s" % (found[key], value) if key in found else value
    return found


def _login(call: Call) -> Any:
    """Return the address without user and password, and these, from where they are said."""
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(call["url"])
    if call["url_username"]:
        return call["url"], (call["url_username"], call["url_password"] or "")
    if "@" in parts.netloc:
        address = parts._replace(netloc=parts.netloc.rsplit("@", 1)[1]).geturl()
        return address, (unquote(parts.username or ""), unquote(parts.password or ""))
    return call["url"], _netrc(parts.hostname) if call["use_netrc"] else None


def _netrc(host: Optional[str]) -> Any:
    path = os.environ.get("NETRC") or os.path.expanduser("~/.netrc")
    if not host or not os.path.isfile(path):
        return None
    import netrc

    try:
        found = netrc.netrc(path).authenticators(host)
    except (OSError, netrc.NetrcParseError):
        return None
    return (found[0], found[2]) if found else None


def _request(
    call: Call, address: str, login: Any, method: str, body: Any, headers: Dict[str, str], modified: Any
) -> Any:
    import urllib.request

    asked = urllib.request.Request(address, data=body, method=method)  # noqa: S310 -- any scheme is the user's
    asked.add_header("User-agent", call["http_agent"])
    if call["force"]:
        asked.add_header("Cache-control", "no-cache")
    elif modified is not None:
        from email.utils import formatdate

        asked.add_header("If-modified-since", formatdate(modified, usegmt=True))
    if login and call["force_basic_auth"]:
        from base64 import b64encode

        token = b64encode(("%s:%s" % login).encode("utf-8")).decode("ascii")
        asked.add_unredirected_header("Authorization", "Basic %s" % token)
    once = [name.lower() for name in call["unredirected_headers"] or []]
    for name, value in headers.items():
        add = asked.add_unredirected_header if name.lower() in once else asked.add_header
        add(name, str(value))
    return asked


def _opener(call: Call, address: str, login: Any, cookies: Any) -> Any:
    import urllib.request

    from orchestr8.remote import http_handlers

    handlers: List[Any] = [urllib.request.HTTPCookieProcessor(cookies)]
    handlers.append(http_handlers.redirects(call.args.get("follow_redirects") or "urllib2"))
    if not call["use_proxy"]:
        handlers.append(urllib.request.ProxyHandler({}))
    if login and not call["force_basic_auth"]:
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, address, login[0], login[1])
        handlers.append(urllib.request.HTTPBasicAuthHandler(passwords))
        handlers.append(urllib.request.HTTPDigestAuthHandler(passwords))
    if call.args.get("unix_socket"):
        handlers.append(http_handlers.unix(call["unix_socket"]))
    if address.lower().startswith("https:"):
        handlers.append(urllib.request.HTTPSHandler(context=http_handlers.context(call)))
    return urllib.request.build_opener(*handlers)
