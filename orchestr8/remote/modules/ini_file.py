"""ini_file: sets and removes options in INI files."""

import os
from typing import Any, Dict, List, Tuple

from orchestr8.remote import ini_lines
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import FILE_ARGS, ownership, path_info
from orchestr8.remote.text_file import TextFile

_CONDITION = {
    "option": Arg("str", "The section must have this option.", required=True),
    "value": Arg("str", "With this value."),
    "values": Arg("list", "With all of these values.", elements="str"),
}


class IniFile(Module):
    """Sets and removes options and sections of an INI file, and leaves the rest as it is."""

    name = "ini_file"
    args = dict(
        FILE_ARGS,
        path=Arg("path", "The file.", required=True, aliases=["dest"]),
        section=Arg("str", "The section; without one the option stands before all sections."),
        section_has_values=Arg(
            "list",
            "Of several sections of the name, take the first with these.",
            elements="dict",
            options=_CONDITION,
        ),
        option=Arg("str", "The option; without one the whole section is meant."),
        value=Arg("str", "Its value."),
        values=Arg("list", "Its values, one a line.", elements="str"),
        backup=Arg("bool", "Keep a dated copy of the file before a change.", default=False),
        state=Arg("str", "Whether it is there.", default="present", choices=["absent", "present"]),
        exclusive=Arg("bool", "The option has no other values.", default=True),
        no_extra_spaces=Arg("bool", "No spaces around `=`.", default=False),
        ignore_spaces=Arg("bool", "Change no line only for spaces around `=`.", default=False),
        create=Arg("bool", "Make the file if there is none.", default=True),
        allow_no_value=Arg("bool", "The option may stand without `=`.", default=False),
        modify_inactive_option=Arg("bool", "Put the option in place of a commented one.", default=True),
        follow=Arg("bool", "Settle owner and mode of what a link points to.", default=False),
    )
    exclusive = (("value", "values"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Edit the file, then settle owner and mode."""
        values = _values(call)
        path = os.path.realpath(call["path"]) if call["follow"] else call["path"]
        file = TextFile(path)
        if not file.exists and (not call["create"] or call["state"] == "absent"):
            if call["state"] == "absent":
                return {"changed": False, "msg": "OK", "path": path}
            raise Failure(f"Destination {path} does not exist!", rc=257, path=path)
        lines, msg = (_present if call["state"] == "present" else _absent)(call, list(file.lines), values)
        out: Dict[str, Any] = {"changed": False, "msg": msg or "OK", "path": path}
        _parent(call, path)
        file.settle(call, lines, out, backup=call["backup"])
        if os.path.exists(path):
            out["changed"] = ownership(call).settle(call, os.path.realpath(path)) or out["changed"]
            out.update(path_info(path))
        return out


def _values(call: Call) -> List[str]:
    values = [call["value"]] if call["value"] is not None else list(call["values"] or [])
    if call["state"] == "present" and call["option"] and not values and not call["allow_no_value"]:
        raise Failure(
            "state is present but any of the following are missing: value, values (or allow_no_value)"
        )
    seen: List[str] = []
    for value in values:
        seen += [] if value in seen else [value]
    return seen


def _parent(call: Call, path: str) -> None:
    folder = os.path.dirname(path)
    if folder and not os.path.isdir(folder) and not call.check:
        os.makedirs(folder)


def _style(call: Call) -> ini_lines.Style:
    return ini_lines.Style(
        spaces=not call["no_extra_spaces"],
        bare=call["allow_no_value"],
        inactive=call["modify_inactive_option"],
        lenient=call["ignore_spaces"],
    )


def _present(call: Call, lines: List[str], values: List[str]) -> Tuple[List[str], str]:
    conditions = call["section_has_values"] or []
    at = ini_lines.span(lines, call["section"], conditions)
    style = _style(call)
    if at is None:
        return lines + _new_section(call, conditions, values, style), _added(call)
    if not call["option"]:
        return lines, ""
    start = at[0] + (call["section"] is not None)
    body, msg = ini_lines.with_values(
        lines[start : at[1]], call["option"], values, style, exclusive=call["exclusive"]
    )
    return [*lines[:start], *body, *lines[at[1] :]], msg


def _added(call: Call) -> str:
    return "section and option added" if call["option"] else "only section added"


def _new_section(
    call: Call, conditions: List[Dict[str, Any]], values: List[str], style: ini_lines.Style
) -> List[str]:
    lines = [f"[{call['section']}]"]
    for condition in conditions:
        if condition["option"] != call["option"]:
            given = condition.get("values") or [condition.get("value")]
            lines += [style.line(condition["option"], value) for value in given]
    if call["option"]:
        lines += [style.line(call["option"], value) for value in values] or [call["option"]]
    return lines


def _absent(call: Call, lines: List[str], values: List[str]) -> Tuple[List[str], str]:
    at = ini_lines.span(lines, call["section"], call["section_has_values"] or [])
    if at is None:
        return lines, ""
    if not call["option"]:
        return lines[: at[0]] + lines[at[1] :], "section removed"
    body = ini_lines.without(lines[at[0] : at[1]], call["option"], values, exclusive=call["exclusive"])
    msg = "option changed" if body != lines[at[0] : at[1]] else ""
    return lines[: at[0]] + body + lines[at[1] :], msg


MODULE = IniFile
