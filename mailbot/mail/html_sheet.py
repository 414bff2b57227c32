"""The style sheets of a page, as far as they name elements by tag, class or id (CSS 2.2 §5, Media Queries 4)."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from mailbot.mail.html_style import NOTHING, Look, look_of, perhaps, together, unescaped, without_comments
from mailbot.text import without_blanks

LONGEST_STYLES = 200_000  # characters of all style sheets of a page that are regarded
MOST_CLASSES = 20  # of one element that are regarded
_BRACE = re.compile(r"[{}]")
_SUBJECT = re.compile(r"(?:^|.*[\s>+~])(\*|[a-z][a-z0-9-]*)?([^\s>+~]*)", re.S)
_NAME = re.compile(r"([.#])([\w-]+)")
_NOT_AT_REST = re.compile(r":(?:hover|visited|active|focus|:?before|:?after|:?first-letter|:?placeholder|:?selection)")
_SMALL_WINDOW = re.compile(r"max-(?:device-)?width:(?:\d{1,3}|1[01]\d\d)(?:px)?\)")
_ELSEWHERE = re.compile(
    r"@media(?:only)?(?:print|speech)|prefers-color-scheme:dark|@(?:-[a-z]+-)?(?:font-face|page|keyframes|list)"
)
_EVERYTHING = "*"


class Sheets:
    """What the style sheets of a page say about an element."""

    def __init__(self, tree: HtmlElement) -> None:
        sheets = "\n".join(one.text or "" for one in tree.iter("style"))
        self.is_cut = len(sheets) > LONGEST_STYLES
        self._looks: dict[tuple[str, str], Look] = {}  # (tag or "", ".class", "#id" or "")
        if sheets:
            for at_rules, selectors, declarations in _rules(
                unescaped(without_comments(sheets[:LONGEST_STYLES].lower()))
            ):
                self._add(at_rules, selectors, look_of(declarations))

    def look_of(self, element: HtmlElement) -> Look:
        """The looks of all rules that may apply, together."""
        if not self._looks:
            return NOTHING
        names = [f".{one}" for one in (element.get("class") or "").lower().split()[:MOST_CLASSES]]
        names += [f"#{element.get('id', '').lower()}", ""]
        found = [
            self._looks[key]
            for name in names
            for key in ((element.tag, name), (_EVERYTHING, name))
            if key in self._looks
        ]
        look = NOTHING
        for one in found:
            look = together(look, one)
        return look

    def _add(self, at_rules: list[str], selectors: str, look: Look) -> None:
        if look == NOTHING or any(_is_elsewhere(one) for one in at_rules):
            return
        for selector in selectors.split(","):
            if _NOT_AT_REST.search(selector):
                continue
            subject = _SUBJECT.fullmatch(selector.strip())
            if subject is None:
                continue
            names = _NAME.findall(subject[2])
            is_simple = subject.start(2) == len(subject[1] or "") and "".join(map("".join, names)) == subject[2]
            certain = is_simple and len(names) < 2 and not at_rules
            key = (subject[1] or _EVERYTHING, "".join(names[-1]) if names else "")
            self._looks[key] = together(self._looks.get(key, NOTHING), look if certain else perhaps(look))


def _is_elsewhere(at_rule: str) -> bool:
    """Whether a rule is for paper, for a small window or a dark screen: what it hides is seen in most windows."""
    flat = without_blanks(at_rule)
    return _ELSEWHERE.search(flat) is not None or _SMALL_WINDOW.search(flat) is not None


def _rules(sheet: str) -> Iterator[tuple[list[str], str, str]]:
    """(at-rules around it, selectors, declarations) of each rule; in time linear in the length of the sheet."""
    opened: list[str] = []
    at = 0
    for brace in _BRACE.finditer(sheet):
        text = sheet[at : brace.start()]
        at = brace.end()
        if brace[0] == "{":
            opened.append(text.rpartition(";")[2].strip())
        elif opened:
            prelude = opened.pop()
            if not prelude.startswith("@"):
                yield [one for one in opened if one.startswith("@")], prelude.removeprefix("<!--").strip(), text
