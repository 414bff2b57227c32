"""The grammar of an Authentication-Results field (RFC 8601 §2.2), without quoted strings."""

import re
from dataclasses import dataclass

_KEYWORD = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"  # as in RFC 5321 §4.1.2 (Keyword)
_HEAD = re.compile(r"\s*([^\s;=/()<>@,\\\[\]?]+)(?:\s+\d+)?\s*")
_NO_RESULT = re.compile(r"\s*none\s*", re.I)
_METHOD = re.compile(rf"\s*({_KEYWORD})\s*(?:/\s*\d+\s*)?=\s*({_KEYWORD})(?=\s|$)")
_PROPERTY = re.compile(rf"\s+(?:({_KEYWORD})\s*\.\s*)?([A-Za-z0-9_-]+)\s*=\s*([^\s;]+)", re.I)
_COMMENT = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class MethodResult:
    """One `method=result`, in lower case.  `properties`: (type, name, value), types and names in lower case."""

    method: str
    result: str
    properties: tuple[tuple[str, str, str], ...]


def parse_results(text: str) -> tuple[str, tuple[MethodResult, ...]]:
    """The authserv-id, and the results in order.  `text`: the value of the field, unfolded.

    Raises ValueError when it is not of that grammar.
    """
    while (without := _COMMENT.sub(" ", text)) != text:  # comments nest
        text = without
    head, *parts = text.split(";")
    name = _HEAD.fullmatch(head)
    if name is None:
        raise ValueError(f"not an authserv-id: {head!r}")
    if len(parts) == 1 and _NO_RESULT.fullmatch(parts[0]):
        return name[1], ()
    if len(parts) > 1 and not parts[-1].strip():
        parts.pop()  # some servers end the field with a semicolon
    return name[1], tuple(map(_result, parts))


def _result(text: str) -> MethodResult:
    method = _METHOD.match(text)
    if method is None:
        raise ValueError(f"not a result: {text!r}")
    properties, at = [], method.end()
    # Exchange Online writes `action=none` without a type.  What follows something unknown is ignored.
    while (one := _PROPERTY.match(text, at)) is not None:
        if one[1]:
            properties.append((one[1].lower(), one[2].lower(), one[3]))
        at = one.end()
    return MethodResult(method[1].lower(), method[2].lower(), tuple(properties))
