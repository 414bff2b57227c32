"""Removes from a page what its reader does not see, or sees struck out: nobody means it (T-35)."""

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

_TAGS = frozenset({"del", "s", "strike", "template", "datalist", "select", "svg", "object"})
_HIDDEN = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|opacity:0?(?:\.0*)?(?=[;!}]|$)|font-size:0(?:\.0*)?(?:px|pt|em|rem|%)?(?=[;!}]|$)"
    r"|text-decoration(?:-line)?:[a-z-]*line-through|(?:left|top|text-indent|margin-left):-\d{3,}"
)
_MEDIA = re.compile(r"@[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_CLASS = re.compile(r"(?:[a-z0-9]+)?\.([\w-]+)")
LONGEST_STYLES = 20_000  # characters of all style sheets that are regarded


def remove_unseen(tree: HtmlElement, elements: Sequence[HtmlElement]) -> None:
    """Remove elements that are hidden or struck out by their tag, by `hidden`, or by a style; their tails stay.

    `elements`: all of `tree`, in document order.
    """
    hidden = _hidden_classes(tree)
    for element in elements:
        if element.getparent() is not None and isinstance(element.tag, str) and _is_unseen(element, hidden):
            element.drop_tree()


def _is_unseen(element: HtmlElement, hidden: frozenset[str]) -> bool:
    if element.tag in _TAGS or "hidden" in element.attrib:
        return True
    style = element.get("style")
    if style is not None and _HIDDEN.search(_flat(style)) is not None:
        return True
    return bool(hidden) and not hidden.isdisjoint((element.get("class") or "").lower().split())


def _hidden_classes(tree: HtmlElement) -> frozenset[str]:
    """The classes that a style sheet hides, but in what depends on the width of the window (@media)."""
    sheets = "".join(one.text or "" for one in tree.iter("style"))[:LONGEST_STYLES].lower()
    if not sheets:
        return frozenset()
    found: set[str] = set()
    for selectors, declarations in _RULE.findall(_MEDIA.sub("", _without_comments(sheets))):
        if _HIDDEN.search(_flat(declarations)):
            alone = (_CLASS.fullmatch(one.strip()) for one in selectors.split(","))
            found.update(match[1] for match in alone if match is not None)
    return frozenset(found)


def _flat(declarations: str) -> str:
    return "".join(_without_comments(declarations).lower().split())


def _without_comments(sheet: str) -> str:
    before, *rest = sheet.split("/*")
    return before + "".join(one.partition("*/")[2] for one in rest)
