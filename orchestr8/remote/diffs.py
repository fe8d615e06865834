"""What a diff shows of two versions of a file."""

from typing import Any, Dict

LARGEST = 104448


def content_diff(before: bytes, after: bytes, *, header: str, after_header: str = "") -> Dict[str, Any]:
    """Return before and after as text, of binary or large content only that it is so; no header: no file."""
    diff: Dict[str, Any] = {"before_header": header} if header else {}
    diff["after_header"] = after_header or header
    for key, side, data in (("before", "dst", before), ("after", "src", after)):
        if len(data) > LARGEST:
            diff[side + "_larger"] = LARGEST
        elif b"\0" in data[:8192]:
            diff[side + "_binary"] = 1
        else:
            diff[key] = data.decode("utf-8", "surrogateescape")
    return diff


def joined(content: Dict[str, Any], attributes: Dict[str, Any], path: str) -> Any:
    """Return one diff, or a list of both when content and attributes differ."""
    if not attributes:
        return content
    shown = {side: dict(attributes.get(side, {}), path=path) for side in ("before", "after")}
    return [content, shown] if content else shown
