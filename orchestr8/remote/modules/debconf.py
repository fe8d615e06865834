"""debconf: answers the questions of packages before they are asked."""

from typing import Any, Dict, List, Optional

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import must, reason, required, said

_TYPES = "boolean error multiselect note password seen select string text title"


class Debconf(Module):
    """Sets the answer to a question of a package, or tells the answers there are."""

    name = "debconf"
    args = {
        "name": Arg("str", "The package.", required=True, aliases=["pkg"]),
        "question": Arg("str", "The question.", aliases=["selection", "setting"]),
        "vtype": Arg("str", "The answer's type.", choices=_TYPES.split()),
        "value": Arg("raw", "The answer.", aliases=["answer"]),
        "unseen": Arg("bool", "Ask the question all the same when the package is configured.", default=False),
    }
    together = (("question", "vtype", "value"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare the answer with the wanted one, and set it."""
        now = _answers(call["name"])
        out: Dict[str, Any] = {"changed": False, "msg": "", "current": now}
        question = call["question"]
        if question is None:
            return out
        value = _spelled(call)
        if call["vtype"] == "password":
            now = {**now, question: _password(question)}
        if _same(call, now.get(question), value):
            return out
        out["changed"] = True
        if not call.check:
            _set(call, value)
        out.update(current={question: value}, previous={question: now.get(question)})
        if call.diff:
            before = {question: now[question]} if question in now else {}
            out["diff"] = {"before": before, "after": {question: value}}
        return out


def _answers(package: str) -> Dict[str, str]:
    done = run([required("debconf-show", "debconf"), package], parse=True)
    if done.rc:
        raise Failure(reason(done), **said(done))
    pairs = [line.lstrip("*").strip().partition(":") for line in text(done.stdout).splitlines()]
    return {pair[0].strip(): pair[2].strip() for pair in pairs if pair[1]}


def _password(question: str) -> str:
    """Return the answer that no list shows."""
    done = run([required("debconf-communicate", "debconf")], stdin=f"GET {question}\n".encode(), parse=True)
    status, _, answer = text(done.stdout).strip().partition(" ")
    return answer if status == "0" else ""


def _spelled(call: Call) -> str:
    value = call["value"]
    if isinstance(value, bool) or call["vtype"] == "boolean":
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)


def _same(call: Call, now: Optional[str], value: str) -> bool:
    if now is None:
        return False
    if call["vtype"] == "boolean":
        return now.lower() == value
    if call["vtype"] == "multiselect":
        return _items(now) == _items(value)
    return now == value


def _items(value: str) -> List[str]:
    return sorted(item.strip() for item in value.split(",") if item.strip())


def _set(call: Call, value: str) -> None:
    flags = ["-u"] if call["unseen"] else []
    line = f"{call['name']} {call['question']} {call['vtype']} {value}\n"
    must(
        [required("debconf-set-selections", "debconf"), *flags], "debconf-set-selections", stdin=line.encode()
    )


MODULE = Debconf
