from __future__ import annotations

import gzip
import hashlib
import json
import os
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

DATA = b"hello web\n" * 10
SHA256 = hashlib.sha256(DATA).hexdigest()


class Service(BaseHTTPRequestHandler):
    """Answers every test's questions; `seen` keeps what was asked."""

    seen: ClassVar[list[dict]] = []

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.seen.append({"method": self.command, "path": self.path, "headers": headers, "body": body})
        name = self.path.split("?")[0].strip("/").split("/")[0] or "index"
        getattr(self, f"answer_{name}", self.answer_missing)()

    do_POST = do_PUT = do_HEAD = do_GET  # noqa: N815 -- names that http.server looks for

    def address_string(self) -> str:
        return "client"

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def answer_file(self) -> None:
        if "If-Modified-Since" in self.headers:
            self.reply(304)
        else:
            self.reply(200, DATA, Content_Type="text/plain")

    def answer_named(self) -> None:
        self.reply(200, DATA, Content_Disposition='attachment; filename="../evil/real.bin"')

    def answer_short(self) -> None:
        self.reply(200, DATA, Content_Length=str(len(DATA) + 7))
        self.close_connection = True

    def answer_sums(self) -> None:
        self.reply(200, f"{'0' * 64}  other\n{SHA256}  file\n".encode())

    def answer_packed(self) -> None:
        self.reply(200, gzip.compress(DATA), Content_Encoding="gzip")

    def answer_json(self) -> None:
        self.reply(
            200, json.dumps({"a": [1, "é"]}).encode(), Content_Type="application/json", Set_Cookie="k=v"
        )

    def answer_broken(self) -> None:
        self.reply(500, b'{"why": "broken"}', Content_Type="application/problem+json")

    def answer_moved(self) -> None:
        self.reply(302, Location="/file")

    def answer_away(self) -> None:
        port = self.server.server_address[1]
        self.reply(302, Location=f"http://localhost:{port}/json")

    def answer_locked(self) -> None:
        if self.headers.get("Authorization") == "Basic dTpw":
            self.reply(200, b"in")
        else:
            self.reply(401, b"", WWW_Authenticate='Basic realm="r"')

    def answer_missing(self) -> None:
        self.reply(404, b"no such thing")


@pytest.fixture
def web() -> Iterator[str]:
    """The address of a small web service."""
    Service.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_download_and_its_repetition(apply, web: str, tmp_path: Path) -> None:
    dest = tmp_path / "f"
    args = {"url": f"{web}/file", "dest": str(dest), "mode": "0600"}
    assert apply("get_url", **args, check=True)["changed"] is True
    assert not dest.exists()
    result = apply("get_url", **args)
    assert dest.read_bytes() == DATA
    assert (result["changed"], result["status_code"], result["mode"], result["size"]) == (
        True,
        200,
        "0600",
        len(DATA),
    )
    assert result["checksum_src"] == hashlib.sha1(DATA).hexdigest()
    assert result["checksum_dest"] is None
    again = apply("get_url", **args)
    assert (again["changed"], again["status_code"]) == (False, 304)
    forced = apply("get_url", **args, force=True)
    assert (forced["changed"], forced["checksum_dest"]) == (False, forced["checksum_src"])
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_download_is_checked(apply, web: str, tmp_path: Path) -> None:
    dest = tmp_path / "f"
    wrong = apply("get_url", url=f"{web}/file", dest=str(dest), checksum=f"sha256:{'0' * 64}")
    assert f"did not match {'0' * 64}; it was {SHA256}" in wrong["msg"]
    assert list(tmp_path.iterdir()) == []
    args = {"url": f"{web}/file", "dest": str(dest), "checksum": f"sha256:{SHA256}"}
    assert apply("get_url", **args)["changed"] is True
    asked = len(Service.seen)
    assert apply("get_url", **args)["msg"] == "file already exists"
    assert len(Service.seen) == asked
    dest.write_text("spoiled")
    assert apply("get_url", **{**args, "checksum": f"sha256:{web}/sums"}, backup=True)["changed"] is True
    assert dest.read_bytes() == DATA
    assert "format <algorithm>:<checksum>" in apply("get_url", **{**args, "checksum": "abc"})["msg"]
    assert "format is invalid" in apply("get_url", **{**args, "checksum": "md5:xyz"})["msg"]


def test_a_download_that_breaks_off_leaves_the_old_file(apply, web: str, tmp_path: Path) -> None:
    dest = tmp_path / "f"
    dest.write_text("old")
    result = apply("get_url", url=f"{web}/short", dest=str(dest), force=True)
    assert result["failed"] is True
    assert dest.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_names_in_a_directory(apply, web: str, tmp_path: Path) -> None:
    assert apply("get_url", url=f"{web}/moved", dest=str(tmp_path))["dest"] == f"{tmp_path}/file"
    assert apply("get_url", url=f"{web}/named", dest=str(tmp_path))["dest"] == f"{tmp_path}/real.bin"
    missing = apply("get_url", url=f"{web}/file", dest=str(tmp_path / "no/f"))
    assert missing["msg"] == f"Destination {tmp_path}/no does not exist"


def test_downloads_unpack_and_refuse(apply, web: str, tmp_path: Path) -> None:
    apply("get_url", url=f"{web}/packed", dest=str(tmp_path / "plain"))
    assert (tmp_path / "plain").read_bytes() == DATA
    apply("get_url", url=f"{web}/packed", dest=str(tmp_path / "gz"), decompress=False)
    assert gzip.decompress((tmp_path / "gz").read_bytes()) == DATA
    gone = apply("get_url", url=f"{web}/nothing", dest=str(tmp_path / "x"))
    assert (gone["msg"], gone["status_code"]) == ("Request failed", 404)
    (tmp_path / "src").write_bytes(DATA)
    assert apply("get_url", url=f"file://{tmp_path}/src", dest=str(tmp_path / "copy"))["changed"] is True


def test_a_closed_port_is_a_clear_failure(apply, tmp_path: Path) -> None:
    result = apply("get_url", url="http://127.0.0.1:1/x", dest=str(tmp_path / "x"))
    assert "Connection refused" in result["msg"]
    assert apply("uri", url="http://127.0.0.1:1/x")["status"] == -1
    assert "unknown url type" in apply("uri", url="nonsense")["msg"]


def test_uri_returns_what_the_service_says(apply, web: str) -> None:
    result = apply("uri", url=f"{web}/json")
    assert (result["status"], result["json"], result["cookies"]) == (200, {"a": [1, "é"]}, {"k": "v"})
    assert (result["changed"], result["redirected"], result["content_type"]) == (
        False,
        False,
        "application/json",
    )
    assert result["msg"].startswith("OK (")
    assert "content" not in result
    assert apply("uri", url=f"{web}/file", return_content=True)["content"] == DATA.decode()


def test_uri_checks_the_status(apply, web: str) -> None:
    result = apply("uri", url=f"{web}/broken")
    assert result["msg"].startswith("Status code was 500 and not [200]: HTTP Error 500")
    assert (result["failed"], result["status"], result["json"]) == (True, 500, {"why": "broken"})
    assert "failed" not in apply("uri", url=f"{web}/broken", status_code=[200, 500])
    assert apply("uri", url=f"{web}/missing", status_code=404)["status"] == 404


def test_uri_sends_bodies(apply, web: str, tmp_path: Path) -> None:
    apply("uri", url=f"{web}/file", method="POST", body={"a": 1}, body_format="json", headers={"X-Id": "7"})
    sent = Service.seen[-1]
    assert (json.loads(sent["body"]), sent["method"], sent["headers"]["x-id"]) == ({"a": 1}, "POST", "7")
    assert sent["headers"]["content-type"] == "application/json"
    assert sent["headers"]["user-agent"] == "ansible-httpget"
    apply(
        "uri",
        url=f"{web}/file",
        method="PUT",
        body={"a": ["1", "2"], "b": "x y"},
        body_format="form-urlencoded",
    )
    assert Service.seen[-1]["body"] == b"a=1&a=2&b=x+y"
    (tmp_path / "up.txt").write_text("file text")
    form = {"f": {"filename": str(tmp_path / "up.txt"), "multipart_encoding": "7or8bit"}, "t": "text"}
    apply("uri", url=f"{web}/file", method="POST", body=form, body_format="form-multipart")
    assert (
        b'name="f"; filename="up.txt"\r\nContent-Type: text/plain\r\n\r\nfile text\r\n--'
        in Service.seen[-1]["body"]
    )
    apply("uri", url=f"{web}/file", method="POST", src="local", blob=b"from the controller")
    assert Service.seen[-1]["body"] == b"from the controller"
    apply("uri", url=f"{web}/file", method="POST", src=str(tmp_path / "up.txt"), remote_src=True)
    assert Service.seen[-1]["body"] == b"file text"


def test_uri_follows_redirects_as_told(apply, web: str) -> None:
    assert apply("uri", url=f"{web}/moved")["redirected"] is True
    assert apply("uri", url=f"{web}/moved", method="POST", body="x")["status"] == 302
    stayed = apply("uri", url=f"{web}/moved", follow_redirects="none", status_code=302)
    assert stayed["location"] == f"{web}/file"
    followed = apply("uri", url=f"{web}/moved", method="POST", body="x", follow_redirects="all")
    assert (followed["status"], Service.seen[-1]["method"]) == (200, "GET")
    apply("uri", url=f"{web}/away", headers={"Authorization": "Bearer x", "X-Other": "y"})
    assert "authorization" not in Service.seen[-1]["headers"]
    assert Service.seen[-1]["headers"]["x-other"] == "y"


def test_uri_logs_in(apply, web: str) -> None:
    assert apply("uri", url=f"{web}/locked")["status"] == 401
    assert apply("uri", url=f"{web}/locked", user="u", password="p")["status"] == 200
    asked = len(Service.seen)
    assert apply("uri", url=f"{web}/locked", user="u", password="p", force_basic_auth=True)["status"] == 200
    assert len(Service.seen) == asked + 1
    inside = apply("uri", url=web.replace("//", "//u:p@") + "/locked")
    assert inside["status"] == 200
    assert ":p@" not in json.dumps(inside)


def test_uri_keeps_the_answer(apply, web: str, tmp_path: Path) -> None:
    result = apply("uri", url=f"{web}/json", dest=str(tmp_path), mode="0600")
    assert (result["path"], result["changed"]) == (f"{tmp_path}/json", True)
    assert json.loads((tmp_path / "json").read_text())["a"][0] == 1
    assert apply("uri", url=f"{web}/json", creates=str(tmp_path / "json"))["stdout"].startswith(
        "skipped, since"
    )


def test_uri_speaks_over_a_unix_socket(apply, tmp_path: Path) -> None:
    class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True

    class Handler(Service):
        client_address = ("local", 0)

    path = str(tmp_path / "s")
    with Server(path, Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            assert apply("uri", url="http://localhost/json", unix_socket=path)["json"]["a"][0] == 1
        finally:
            server.shutdown()
            thread.join()
    assert os.path.exists(path)
