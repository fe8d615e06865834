"""Readiness checks made on the host itself: HTTP and TCP, all of a host in one call."""

import socket
import time
from typing import Any, Dict, List

from orchestr8.remote.module import Arg, Call, Module

_SHOWN = 200


class Probe(Module):
    """Ask containers whether they are ready; targets are asked at the same time."""

    name = "o8_probe"
    args = {
        "targets": Arg(
            "list",
            "What to ask: kind (http or tcp), address, port, path, host, headers, expect (ranges), timeout; "
            "shown: how many bytes of an answer are returned.",
            elements="dict",
            required=True,
        ),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Ask."""
        targets: List[Dict[str, Any]] = call["targets"]
        results: List[Dict[str, Any]] = [{} for _ in targets]
        if len(targets) == 1:
            results[0] = _asked(targets[0])
        else:
            _together(targets, results)
        return {"changed": False, "results": results}


def _together(targets: List[Dict[str, Any]], results: List[Dict[str, Any]]) -> None:
    import threading

    def ask(number: int) -> None:
        results[number] = _asked(targets[number])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(targets))]
    for thread in threads:
        thread.daemon = True
        thread.start()
    for thread in threads:
        thread.join()


def _asked(target: Dict[str, Any]) -> Dict[str, Any]:
    began = time.monotonic()
    try:
        found = (_http if target["kind"] == "http" else _tcp)(target)
    except socket.timeout:
        found = {"ok": False, "detail": "no answer within %gs" % target["timeout"]}
    except OSError as error:
        found = {"ok": False, "detail": (error.strerror or str(error)).lower()}
    except ValueError as error:
        found = {"ok": False, "detail": str(error)}
    found["seconds"] = round(time.monotonic() - began, 4)
    return found


def _tcp(target: Dict[str, Any]) -> Dict[str, Any]:
    address = (target["address"], int(target["port"]))
    with socket.create_connection(address, timeout=float(target["timeout"])):
        return {"ok": True, "detail": "connected"}


def _http(target: Dict[str, Any]) -> Dict[str, Any]:
    import http.client

    timeout = float(target["timeout"])
    connection = http.client.HTTPConnection(target["address"], int(target["port"]), timeout=timeout)
    headers = {"User-Agent": "orchestr8", "Connection": "close"}
    if target.get("host"):
        headers["Host"] = target["host"]
    headers.update(target.get("headers") or {})
    try:
        connection.request("GET", target.get("path") or "/", headers=headers)
        answer = connection.getresponse()
        body = answer.read(int(target.get("shown") or _SHOWN)).decode("utf-8", "replace").strip()
    except http.client.HTTPException as error:
        return {"ok": False, "detail": "no HTTP: %s %s" % (type(error).__name__, error)}
    finally:
        connection.close()
    ok = any(low <= answer.status <= high for low, high in target["expect"])
    detail = "HTTP %d" % answer.status + ("" if ok or not body else ": " + body[:_SHOWN])
    return {"ok": ok, "detail": detail, "status": answer.status, "body": body}


MODULE = Probe
