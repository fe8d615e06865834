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
            "What to ask: kind (http or tcp), address, port, path, host, expect (ranges), timeout.",
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
    began = time.time()
    try:
        ok, detail = (_http if target["kind"] == "http" else _tcp)(target)
    except socket.timeout:
        ok, detail = False, "no answer within %gs" % target["timeout"]
    except OSError as error:
        ok, detail = False, (error.strerror or str(error)).lower()
    except ValueError as error:
        ok, detail = False, str(error)
    return {"ok": ok, "detail": detail, "ms": int((time.time() - began) * 1000)}


def _tcp(target: Dict[str, Any]) -> Any:
    address = (target["address"], int(target["port"]))
    with socket.create_connection(address, timeout=float(target["timeout"])):
        return True, "connected"


def _http(target: Dict[str, Any]) -> Any:
    import http.client

    timeout = float(target["timeout"])
    connection = http.client.HTTPConnection(target["address"], int(target["port"]), timeout=timeout)
    headers = {"User-Agent": "orchestr8", "Connection": "close"}
    if target.get("host"):
        headers["Host"] = target["host"]
    try:
        connection.request("GET", target.get("path") or "/", headers=headers)
        answer = connection.getresponse()
        body = answer.read(_SHOWN).decode("utf-8", "replace").strip()
    except http.client.HTTPException as error:
        return False, "no HTTP: %s %s" % (type(error).__name__, error)
    finally:
        connection.close()
    ok = any(low <= answer.status <= high for low, high in target["expect"])
    return ok, "HTTP %d" % answer.status + ("" if ok or not body else ": " + body)


MODULE = Probe
