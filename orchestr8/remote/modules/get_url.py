"""The get_url module: downloads a file to the host."""

import os
import time
from typing import Any, Dict, Optional

from orchestr8.remote.digests import file_digest, hasher
from orchestr8.remote.files import replacement
from orchestr8.remote.http_checksum import expected
from orchestr8.remote.http_names import file_name
from orchestr8.remote.http_request import HTTP_ARGS, Answer, masked, request
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import FILE_ARGS, ownership, path_info

CHUNK = 1 << 18


class GetUrl(Module):
    """Download a file over HTTP, HTTPS or FTP to a host."""

    name = "get_url"
    args = dict(
        FILE_ARGS,
        **dict(
            HTTP_ARGS,
            url_username=Arg("str", "User for basic or digest authentication.", aliases=["username"]),
            url_password=Arg("str", "Password for it.", aliases=["password"], secret=True),
            dest=Arg("path", "Where to put the file; in a directory it keeps its name.", required=True),
            checksum=Arg("str", "algorithm:digest of the file, or algorithm:address of a list.", default=""),
            backup=Arg("bool", "Keep a dated copy of a file that is replaced.", default=False),
            tmp_dest=Arg("path", "Directory for the download before it is put in place."),
            timeout=Arg("int", "Seconds to wait for the server.", default=10),
        ),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Download what differs."""
        dest = call["dest"]
        result: Dict[str, Any] = {"changed": False, "dest": dest, "url": masked(call["url"]), "elapsed": 0}
        result.update(checksum_src=None, checksum_dest=None)
        wanted = _expected(call, result)
        modified = None
        if os.path.exists(dest) and not os.path.isdir(dest):
            same = bool(wanted) and file_digest(dest, wanted[0]) == wanted[1]
            if same and not call["force"]:
                changed = ownership(call).settle(call, dest)
                msg = "file already exists%s" % (" but file attributes changed" if changed else "")
                return dict(result, msg=msg, changed=changed, **path_info(dest))
            modified = None if wanted else os.path.getmtime(dest)
        return _Download(call, result).run(wanted, modified)


def _expected(call: Call, result: Dict[str, Any]) -> Any:
    if not call["checksum"]:
        return ()
    from urllib.parse import urlsplit

    name = os.path.basename(urlsplit(call["url"]).path) or "index.html"
    return expected(call["checksum"], name, lambda url: _text(call, url), **result)


def _text(call: Call, url: str) -> str:
    """Return a small text of the same server, such as its list of checksums."""
    other = Call(dict(call.args, url=url), environ=call.environ)
    answer = request(other, "GET", headers=call["headers"])
    if answer.status != 200:
        raise Failure("Request failed", status_code=answer.status, response=answer.msg, url=masked(url))
    return bytes(answer.stream(decompress=call["decompress"]).read()).decode("utf-8", "replace")


class _Download:
    """One download: into a private file first, then in place."""

    def __init__(self, call: Call, result: Dict[str, Any]) -> None:
        self.call = call
        self.result = result
        self.start = time.monotonic()

    def run(self, wanted: Any, modified: Optional[float]) -> Dict[str, Any]:
        """Ask, compare, and replace."""
        call, result = self.call, self.result
        answer = request(call, "GET", headers=call["headers"], modified=modified)
        result["elapsed"] = int(time.monotonic() - self.start)
        if answer.status == 304:
            changed = ownership(call).settle(call, call["dest"])
            return dict(result, msg=answer.msg, status_code=304, changed=changed)
        if answer.status == -1:
            raise Failure(answer.msg, **result)
        if answer.status != 200:
            raise Failure("Request failed", status_code=answer.status, response=answer.msg, **result)
        dest = self._dest(answer)
        with self._temporary(dest) as stream:
            self._receive(answer, stream, wanted)
            return self._place(answer, dest, stream)

    def _dest(self, answer: Answer) -> str:
        dest = str(self.call["dest"])
        if os.path.isdir(dest):
            dest = os.path.join(dest, file_name(answer) or "index.html")
        if not os.path.isdir(os.path.dirname(dest) or "."):
            raise Failure("Destination %s does not exist" % os.path.dirname(dest), **self.result)
        self.result["dest"] = dest
        return dest

    def _temporary(self, dest: str) -> Any:
        import tempfile

        folder = self.call["tmp_dest"]
        if folder and not os.path.isdir(folder):
            what = (
                "is a file but should be a directory"
                if os.path.exists(folder)
                else "directory does not exist"
            )
            raise Failure("%s %s." % (folder, what), **self.result)
        try:
            return tempfile.TemporaryFile(
                dir=folder or (None if self.call.check else os.path.dirname(dest) or ".")
            )
        except OSError as error:
            raise Failure(
                "Destination %s is not writable: %s" % (dest, error.strerror), **self.result
            ) from None

    def _receive(self, answer: Answer, stream: Any, wanted: Any) -> None:
        import http.client

        states = [hasher(name) for name in ("sha1", *wanted[:1])]
        size = 0
        try:
            source = answer.stream(decompress=self.call["decompress"])
            for chunk in iter(lambda: source.read(CHUNK), b""):
                size += len(chunk)
                stream.write(chunk)
                for state in states:
                    state.update(chunk)
            stream.flush()
        except (OSError, EOFError, http.client.HTTPException) as error:
            raise Failure("failed to download %s: %s" % (answer.url, error), **self.result) from None
        self._complete(answer, size)
        self.result["checksum_src"] = states[0].hexdigest()
        if wanted and states[1].hexdigest() != wanted[1]:
            text = "The checksum for %s did not match %s; it was %s."
            raise Failure(text % (answer.url, wanted[1], states[1].hexdigest()), **self.result)

    def _complete(self, answer: Answer, size: int) -> None:
        promised = answer.headers.get("content-length")
        packed = answer.headers.get("content-encoding", "").lower() == "gzip" and self.call["decompress"]
        if promised and not packed and int(promised) != size:
            text = "Incomplete read, failed to read remaining %d bytes of %s"
            raise Failure(text % (int(promised) - size, answer.url), **self.result)

    def _place(self, answer: Answer, dest: str, stream: Any) -> Dict[str, Any]:
        call, result = self.call, self.result
        if os.path.isfile(dest):
            result["checksum_dest"] = file_digest(dest)
        differs = result["checksum_src"] != result["checksum_dest"]
        if differs and not call.check:
            saved = replacement(call).put(call, os.path.realpath(dest), stream)
            result.update({"backup_file": saved} if saved else {})
        settled = ownership(call).settle(call, dest)
        result["changed"] = differs or settled
        if not call.check:
            result["md5sum"] = _md5(dest)
        return dict(result, msg=answer.msg, status_code=answer.status, **path_info(dest))


def _md5(path: str) -> Optional[str]:
    try:
        return file_digest(path, "md5")
    except ValueError:
        return None


MODULE = GetUrl
