"""xml: elements and attributes of XML files."""

import xml.etree.ElementTree as ET
from typing import Any, Dict, List, Optional

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import FILE_ARGS, ownership
from orchestr8.remote.text_file import TextFile
from orchestr8.remote.xml_tree import Document, split


class Xml(Module):
    """Looks at and changes elements and attributes of an XML file.

    It works by Python's standard library, so lxml is not needed on the host: paths are those that library
    follows (tags, *, //, [n], [tag], [tag='x'], [@a], [@a='x']), and CDATA becomes ordinary text.
    """

    name = "xml"
    args = dict(
        FILE_ARGS,
        path=Arg("path", "The file.", aliases=["dest", "file"]),
        xmlstring=Arg("str", "The document itself, in place of a file."),
        xpath=Arg("str", "The elements or attributes."),
        namespaces=Arg("dict", "Prefixes in the path, and their addresses.", default={}),
        state=Arg(
            "str",
            "Whether they are there.",
            default="present",
            choices=["present", "absent"],
            aliases=["ensure"],
        ),
        attribute=Arg("raw", "The attribute that gets the value."),
        value=Arg("raw", "Text of the elements, or value of the attribute."),
        add_children=Arg("list", "Elements to add: names, or name: text, or name: attributes."),
        set_children=Arg("list", "What children there are to be."),
        count=Arg("bool", "Tell how many there are.", default=False),
        print_match=Arg("bool", "Tell what they are.", default=False),
        pretty_print=Arg("bool", "Write every element on a line of its own.", default=False),
        content=Arg("str", "Tell what they hold.", choices=["attribute", "text"]),
        insertbefore=Arg("bool", "Add before the elements, and not in them.", default=False),
        insertafter=Arg("bool", "Add after the elements, and not in them.", default=False),
        strip_cdata_tags=Arg("bool", "Taken for compatibility.", default=False),
        input_type=Arg("str", "How new elements are written.", default="yaml", choices=["xml", "yaml"]),
        backup=Arg("bool", "Keep the file as it was.", default=False),
    )
    one_of = (("path", "xmlstring"),)
    exclusive = (
        ("path", "xmlstring"),
        ("value", "add_children", "set_children", "count", "print_match", "content"),
        ("insertbefore", "insertafter"),
    )
    required_if = tuple(
        (name, True, ("xpath",)) for name in ("count", "print_match", "insertbefore", "insertafter")
    )
    required_by = {
        "add_children": ("xpath",),
        "attribute": ("value",),
        "content": ("xpath",),
        "set_children": ("xpath",),
        "value": ("xpath",),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Tell, or compare and change."""
        file = TextFile(call["path"]) if call["path"] else None
        if file is not None and not file.exists:
            raise Failure("The target XML source '%s' does not exist." % call["path"])
        before = "\n".join([*file.lines, ""]) if file is not None else call["xmlstring"]
        document = Document(before, call["namespaces"])
        told = _told(call, document)
        if told is not None:
            return dict(told, changed=False, actions=_actions(call))
        changed = _change(call, document)
        after = document.written(pretty=call["pretty_print"])
        if call["pretty_print"] and not changed:
            changed = after.strip() != before.strip()
        return _finish(call, file, after, changed=changed)


def _actions(call: Call) -> Dict[str, Any]:
    return {"state": call["state"], "xpath": call["xpath"], "namespaces": call["namespaces"]}


def _finish(call: Call, file: Optional[TextFile], after: str, *, changed: bool) -> Dict[str, Any]:
    out: Dict[str, Any] = {"changed": changed, "actions": _actions(call)}
    if file is None:
        return dict(out, xmlstring=after)
    if changed:
        file.settle(call, after.rstrip("\n").split("\n"), out, backup=call["backup"])
    out["changed"] = ownership(call).settle(call, call["path"]) or changed
    return out


def _told(call: Call, document: Document) -> Optional[Dict[str, Any]]:
    """Return what was asked for, or None when something is to be changed."""
    path, attribute = split(call["xpath"] or "/")
    if call["count"]:
        found = [
            each for each in document.found(path) if attribute is None or each.get(document.name(attribute))
        ]
        return {"count": len(found), "msg": "found %d nodes" % len(found)}
    if call["print_match"]:
        found = document.found(path)
        return {
            "msg": "selector '%s' match: %s" % (call["xpath"], ", ".join(_bare(each.tag) for each in found))
        }
    if call["content"] is None:
        return None
    found = document.found(path)
    if call["content"] == "text":
        matches: List[Any] = [{_bare(each.tag): each.text} for each in found]
    else:
        matches = [{_bare(each.tag): {_bare(key): word for key, word in each.items()}} for each in found]
    return {"matches": matches, "count": len(matches), "msg": "found %d nodes" % len(matches)}


def _bare(tag: Any) -> str:
    return str(tag).rpartition("}")[2] if isinstance(tag, str) else "comment"


def _change(call: Call, document: Document) -> bool:
    if call["xpath"] is None:
        return False
    path, attribute = split(call["xpath"])
    if call["state"] == "absent":
        return _remove(document, path, attribute)
    if call["add_children"] is not None:
        return _add(call, document, path)
    if call["set_children"] is not None:
        return _set_children(call, document, path)
    known = document.found(path)
    elements = document.made(path)
    attribute = attribute or call["attribute"]
    if call["value"] is None:
        return known != elements
    return _set(document, elements, attribute, str(call["value"])) or known != elements


def _remove(document: Document, path: str, attribute: Optional[str]) -> bool:
    found = document.found(path)
    if attribute is not None:
        key = document.name(attribute)
        having = [each for each in found if key in each.attrib]
        for each in having:
            del each.attrib[key]
        return bool(having)
    parents = document.parents()
    for each in found:
        if each not in parents:
            raise Failure("the root element cannot be removed")
        _detach(parents[each], each)
    return bool(found)


def _detach(parent: Any, child: Any) -> None:
    """Remove an element; what follows it stays."""
    at = list(parent).index(child)
    if (child.tail or "").strip():
        if at:
            parent[at - 1].tail = (parent[at - 1].tail or "") + child.tail
        else:
            parent.text = (parent.text or "") + child.tail
    elif at and at == len(parent) - 1:
        parent[at - 1].tail = child.tail
    parent.remove(child)


def _set(document: Document, elements: List[Any], attribute: Optional[str], wanted: str) -> bool:
    changed = False
    for each in elements:
        if attribute is not None:
            key = document.name(attribute)
            changed = changed or each.get(key) != wanted
            each.set(key, wanted)
        else:
            changed = changed or (each.text or "") != wanted
            each.text = wanted
    return changed


def _add(call: Call, document: Document, path: str) -> bool:
    found, parents = document.found(path), document.parents()
    if not found:
        raise Failure("XPath %s does not match anything" % call["xpath"])
    beside = call["insertbefore"] or call["insertafter"]
    places = found[:1] if call["insertbefore"] else found[-1:] if call["insertafter"] else found
    for each in places:
        new = [_element(call, document, item) for item in call["add_children"]]
        if not beside:
            each.extend(new)
            continue
        parent = parents.get(each)
        if parent is None:
            raise Failure("nothing stands beside the root element")
        at = list(parent).index(each) + (1 if call["insertafter"] else 0)
        for offset, child in enumerate(new):
            parent.insert(at + offset, child)
    return bool(call["add_children"])


def _set_children(call: Call, document: Document, path: str) -> bool:
    changed = False
    for each in document.found(path):
        wanted = [_element(call, document, item) for item in call["set_children"]]
        if [_shape(child) for child in each] != [_shape(child) for child in wanted]:
            each[:] = wanted
            changed = True
    return changed


def _shape(element: Any) -> Any:
    text = (element.text or "").strip()
    return (element.tag, text, sorted(element.items()), [_shape(child) for child in element])


def _element(call: Call, document: Document, item: Any) -> Any:
    """Return a new element out of a name, a mapping of name and content, or XML."""
    if call["input_type"] == "xml":
        try:
            return ET.fromstring(str(item))  # noqa: S314
        except ET.ParseError as error:
            raise Failure("Invalid child element %r: %s" % (item, error)) from None
    if isinstance(item, str):
        return ET.Element(document.name(item))
    if not isinstance(item, dict) or len(item) != 1:
        raise Failure("Invalid child element: %r; it is a name, or one name and what it holds" % (item,))
    tag, held = next(iter(item.items()))
    element = ET.Element(document.name(str(tag)))
    if isinstance(held, dict):
        for child in held.get("_") or ():
            element.append(_element(call, document, child))
        element.text = held.get("+value")
        for key, each in held.items():
            if key not in ("_", "+value"):
                element.set(document.name(str(key)), str(each))
    else:
        element.text = None if held is None else str(held)
    return element


MODULE = Xml
