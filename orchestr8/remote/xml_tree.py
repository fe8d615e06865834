"""An XML document by the standard library: read, looked into by paths, and written again."""

import io
import re
import xml.etree.ElementTree as ET
from typing import Any, Dict, List, Optional, Tuple

from orchestr8.remote.module import Failure

_LAST = re.compile(r"(.*?)/@([\w:.-]+)\Z", re.DOTALL)
_SIMPLE = re.compile(r"([\w:.-]+)((?:\[@[\w:.-]+=(?:'[^']*'|\"[^\"]*\")\])*)\Z")
_CONDITION = re.compile(r"\[@([\w:.-]+)=(?:'([^']*)'|\"([^\"]*)\")\]")

_EMPTY = re.compile(r"<!--.*?-->|<\?.*?\?>|(<[^<>]*?) />", re.DOTALL)
"""Comments and instructions, which stay as they are, and elements that hold nothing."""


def _narrow(found: Any) -> str:
    """Return an empty element as other libraries write it: `<c/>`."""
    return found.group(1) + "/>" if found.group(1) else str(found.group(0))


class Document:
    """A document; namespaces: prefix → address for paths, those of the document among them."""

    def __init__(self, text: str, namespaces: Dict[str, str]) -> None:
        data = (
            text.encode("utf-8", "surrogateescape") if not text.lstrip().startswith("<?xml") else _bytes(text)
        )
        own: Dict[str, str] = {}
        try:
            for _, (prefix, address) in ET.iterparse(io.BytesIO(data), events=["start-ns"]):  # noqa: S314
                own.setdefault(prefix, address)
            builder = _builder()
            self.root = ET.fromstring(data, ET.XMLParser(target=builder))  # noqa: S314
        except ET.ParseError as error:
            raise Failure("Error while parsing document: %s" % error) from None
        for prefix, address in own.items():
            if not re.match(r"ns\d+\Z", prefix):
                ET.register_namespace(prefix, address)
        self.namespaces = {**{key: each for key, each in own.items() if key}, **namespaces}
        self._prolog = _prolog(data).decode("utf-8", "surrogateescape")

    def written(self, *, pretty: bool) -> str:
        """Return the document as text."""
        if pretty:
            indent(self.root, 0)
        body = _EMPTY.sub(_narrow, ET.tostring(self.root, encoding="unicode"))
        return "<?xml version='1.0' encoding='UTF-8'?>\n" + self._prolog + body + "\n"

    def name(self, word: str) -> str:
        """Return a name with a prefix as the library has it."""
        prefix, colon, bare = word.partition(":")
        if not colon:
            return word
        if prefix not in self.namespaces:
            raise Failure("XPath names the namespace %s, which is not among `namespaces`" % prefix)
        return "{%s}%s" % (self.namespaces[prefix], bare)

    def found(self, path: str) -> List[Any]:
        """Return the elements at a path; Failure for what the standard library does not understand."""
        path = path.rstrip("/") or "/"
        relative, whole = self._relative(path)
        if whole is not None:
            return whole
        try:
            return list(self.root.findall(relative, self.namespaces))
        except (SyntaxError, KeyError) as error:
            raise Failure(
                "the path %s cannot be followed without lxml: %s; paths of tags, *, //, [n], [tag],"
                " [tag='x'], [@a] and [@a='x'] can" % (path, error)
            ) from None

    def _relative(self, path: str) -> Tuple[str, Optional[List[Any]]]:
        """Return a path from the root element on, or what was found where that is the root or nothing."""
        if path.startswith("//"):
            step = path[2:].partition("/")[0]
            tops = [self.root] if not path[2:].partition("/")[1] and self._is_root(step) else []
            below = list(self.root.findall("." + path, self.namespaces)) if tops else None
            return "." + path, [*tops, *below] if below is not None else None
        if not path.startswith("/"):
            return path, None
        first, slash, rest = path[1:].partition("/")
        if not self._is_root(first):
            return ".", []
        return ("./" + rest, None) if slash else (".", [self.root])

    def _is_root(self, step: str) -> bool:
        match = _SIMPLE.match(step)
        if match is None:
            return step in ("*", "")
        conditions = _conditions(match.group(2))
        return self.root.tag == self.name(match.group(1)) and all(
            self.root.get(self.name(key)) == each for key, each in conditions.items()
        )

    def made(self, path: str) -> List[Any]:
        """Return the elements at a path, made where they are missing; Failure when it does not say how."""
        known = self.found(path)
        if known:
            return known
        above, _, step = path.rstrip("/").rpartition("/")
        match = _SIMPLE.match(step)
        if match is None or not above or above.endswith("/"):
            raise Failure("Couldn't find or make the node at %s" % path)
        made = []
        for parent in self.made(above):
            child = ET.SubElement(parent, self.name(match.group(1)))
            for key, each in _conditions(match.group(2)).items():
                child.set(self.name(key), each)
            made.append(child)
        return made

    def parents(self) -> Dict[Any, Any]:
        """Return the element around each element."""
        return {child: parent for parent in self.root.iter() for child in parent}


def _bytes(text: str) -> bytes:
    """Return a text as bytes without its declaration: what it says of its encoding is not so any more."""
    return re.sub(r"\A\s*<\?xml[^>]*\?>", "", text, count=1).encode("utf-8", "surrogateescape")


def _prolog(data: bytes) -> bytes:
    """Return what stands before the root element: comments, the type of the document."""
    from xml.parsers import expat

    parser, found = expat.ParserCreate(), []
    parser.StartElementHandler = lambda *_: found.append(parser.CurrentByteIndex)
    parser.ParseFile(io.BytesIO(data))
    return data[: found[0]].lstrip()


def _builder() -> Any:
    try:
        return ET.TreeBuilder(insert_comments=True, insert_pis=True)  # type: ignore[call-arg, unused-ignore]
    except TypeError:
        return ET.TreeBuilder()  # before Python 3.8 comments are lost


def _conditions(words: str) -> Dict[str, str]:
    return {
        m.group(1): m.group(2) if m.group(2) is not None else m.group(3) for m in _CONDITION.finditer(words)
    }


def split(path: str) -> Tuple[str, Optional[str]]:
    """Return the path of elements, and the attribute it ends with."""
    path = path[: -len("/text()")] if path.endswith("/text()") else path
    match = _LAST.match(path)
    return (match.group(1) or "/", match.group(2)) if match else (path, None)


def indent(element: Any, level: int) -> None:
    """Put every element on a line of its own; text beside elements stays."""
    inner, outer = "\n" + "  " * (level + 1), "\n" + "  " * level
    if not len(element):
        return
    if not (element.text or "").strip():
        element.text = inner
    for child in element:
        indent(child, level + 1)
        if not (child.tail or "").strip():
            child.tail = inner
    if not (element[-1].tail or "").strip():
        element[-1].tail = outer
