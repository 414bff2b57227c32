"""What the structure of an HTML page calls quoted: its lines get the quote mark `> `, as in a plain text part.

The elements are those in which mail clients put the mail that a reply answers: `blockquote`, containers with a class or
id such as `gmail_quote`, and headers (`divRplyFwdMsg`, a frame with the lines of a header) after which all is quoted.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lxml.etree import LxmlError, iterwalk
from lxml.html import HtmlElement, HTMLParser
from lxml.html import fromstring as parse_html

from mailbot.lines import has_quote_arrow
from mailbot.mail.html_plain import BLOCKS
from mailbot.mail.quote_patterns import is_header_block
from mailbot.mail.sent import key_of
from mailbot.patterns import any_of

# Private-use characters (Unicode §23.5), each on a line of its own while a page becomes text; removed from the page.
_BEGIN, _END, _REST, _RULE = "\ue0f0", "\ue0f1", "\ue0f2", "\ue0f3"
_MARKS = re.compile(f"[{_BEGIN}{_END}{_REST}{_RULE}]")
RULE_LINE = "-" * 20  # an `<hr>`
_SHORTEST_WRAPPED = 8  # characters of a key that is compared across line breaks
_LONGEST_HEADER = 1_500  # characters of an element that may be the header of a quoted mail
_QUOTING_NAMES = (
    *("quot", r"\bcite", r"cite\b", "cite-prefix", "forward", "orig(?:inal)?[-_]?(?:msg|message|mail)"),
    *("reference-?message", "olk_src", "replycontent", "reply-intro", "zmail_extra", "gmail_(?:extra|attr)"),
    *("airmail_on", "bloop_on"),
)
_HEADER_NAMES = ("rplyfwdmsg", "appendonsend", "messageheader", "reply-?header", "__divider__")
_QUOTING_NAME, _HEADER_NAME = any_of(*_QUOTING_NAMES), any_of(*_HEADER_NAMES)
_TOP_BORDER = re.compile(r"border(?:-top)?\s*:[^;]*\b(?:solid|\d)", re.I)
_LEFT_BORDER = re.compile(r"border-left\s*:(?!\s*(?:none|0))[^;]*(?:solid|double|dashed|dotted|\d)", re.I)
_NAMING = ("class", "id", "type", "data-marker", "data-type", "name")
_BLOCKS = BLOCKS | {"td", "th", "center"}
UNSEEN = frozenset(("script", "style", "title", "head"))
_MAY_QUOTE = any_of("<blockquote", r"<hr\b", "border-(?:top|left)", *_QUOTING_NAMES, *_HEADER_NAMES)


class MarkedLines(NamedTuple):
    """The lines of a text, and the numbers (from 0) of those that the structure calls quoted."""

    lines: list[str]
    quoted: frozenset[int]


def may_quote(page: str) -> bool:
    """Whether a page has a structure that `mark_quotes` marks; cheap, and True more often than necessary."""
    return _MAY_QUOTE.search(page) is not None


def mark_quotes(tree: HtmlElement) -> None:
    """Put marks around the quoted parts of a parsed page, which `with_quote_marks` turns into `> `."""
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]
    for element in elements:
        if element.text is not None and _MARKS.search(element.text):
            element.text = _MARKS.sub("", element.text)
        if element.tail is not None and _MARKS.search(element.tail):
            element.tail = _MARKS.sub("", element.tail)
    for element in elements:
        tag = element.tag
        if tag == "hr" and element.getparent() is not None:
            element.addnext(_mark(_RULE))
        if not (element.attrib or tag == "blockquote") or tag in ("html", "body", "hr") or element.getparent() is None:
            continue
        if _is_header(element):
            element.addprevious(_mark(_REST))
        elif _is_container(element):
            _enclose(element)


def with_quote_marks(text: str) -> MarkedLines:
    """The lines of `text` with `> ` in front of those that `mark_quotes` has marked, and a rule for each `<hr>`."""
    if not _MARKS.search(text):
        return MarkedLines(text.split("\n"), frozenset())
    lines = text.split("\n")
    done: list[str] = []
    quoted: list[int] = []
    depth, rest = 0, False
    for i, line in enumerate(lines):
        if line and _MARKS.search(line):
            depth += line.count(_BEGIN)
            ends = line.count(_END)
            bare = RULE_LINE if _RULE in line else _MARKS.sub("", line)
            rest = rest or _REST in line or (_RULE in line and _header_follows(lines, i + 1))
            keeps = bool(bare.strip())
        else:
            bare, ends, keeps = line, 0, True
        if keeps:
            if (depth or rest) and bare.strip():
                quoted.append(len(done))
                bare = f"> {bare.strip()}"
            done.append(bare)
        depth = max(0, depth - ends)
    return MarkedLines(done, frozenset(quoted))


def quoted_lines(page: str) -> tuple[list[str], list[str]]:
    """(own, quoted) lines of a page without its layout: for comparing them with the lines of a plain text part.

    Raises what lxml raises.
    """
    tree = parse_html(page.encode("utf-8"), parser=HTMLParser(encoding="utf-8"))
    mark_quotes(tree)
    lines = with_quote_marks("".join(_pieces(tree))).lines
    return ([line for line in lines if not has_quote_arrow(line)], [line for line in lines if has_quote_arrow(line)])


def mark_as_page(text: str, page: str) -> MarkedLines:
    """A plain text part with `> ` in front of the lines that the HTML part beside it calls quoted.

    A line that the page has both quoted and unquoted is the writer's as often as it is unquoted there.  Never raises.
    """
    lines = text.split("\n")
    if not may_quote(page):
        return MarkedLines(lines, frozenset())
    try:
        own, quoted = quoted_lines(page)
    except (LxmlError, ValueError, AssertionError, RecursionError, TypeError):
        return MarkedLines(lines, frozenset())
    if not quoted:
        return MarkedLines(lines, frozenset())
    own_keys, quoted_keys = Counter(map(key_of, own)), set(map(key_of, quoted))
    all_own, all_quoted = "".join(own_keys), "".join(key_of(line) for line in quoted)
    marked, by_structure = [], []
    for i, line in enumerate(lines):
        key = key_of(line)
        wrapped = len(key) >= _SHORTEST_WRAPPED and key in all_quoted and key not in all_own
        in_quote = bool(key) and (key in quoted_keys or wrapped) and own_keys[key] <= 0
        own_keys[key] -= 1
        if in_quote:
            by_structure.append(i)
        marked.append(line if not in_quote or has_quote_arrow(line) else f"> {line}")
    return MarkedLines(marked, frozenset(by_structure))


def _pieces(tree: HtmlElement) -> Iterator[str]:
    """The text of a page, with a line break at each block."""
    unseen = 0
    for event, element in iterwalk(tree, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            unseen += tag in UNSEEN
            yield "\n" if tag in _BLOCKS else ""
            yield "" if unseen else " ".join((element.text or "").split("\n"))
            continue
        if event == "end":
            unseen -= tag in UNSEEN
            yield "\n" if tag in _BLOCKS else ""
        yield "" if unseen else " ".join((element.tail or "").split("\n"))


def _mark(character: str) -> HtmlElement:
    mark = HtmlElement(character)
    mark.tag = "div"
    return mark


def _enclose(element: HtmlElement) -> None:
    """Marks around an element; inside of it where only it may stand, as a cell in its row."""
    if element.tag in ("td", "th", "tr", "tbody", "li"):
        begin = _mark(_BEGIN)
        begin.tail, element.text = element.text, None
        element.insert(0, begin)
        element.append(_mark(_END))
    else:
        element.addprevious(_mark(_BEGIN))
        element.addnext(_mark(_END))


def _is_container(element: HtmlElement) -> bool:
    if element.tag == "blockquote" or "cite" in element.attrib:
        return True
    if element.tag in ("div", "p", "section") and _LEFT_BORDER.search(element.get("style", "")):
        return True
    return any(_QUOTING_NAME.search(element.get(name, "")) for name in _NAMING if name in element.attrib)


def _is_header(element: HtmlElement) -> bool:
    """A header of a quoted mail, by its name or as a frame with a line above (Outlook) around header lines."""
    if any(_HEADER_NAME.search(element.get(name, "")) for name in _NAMING if name in element.attrib):
        return True
    if element.tag != "div" or "border" not in element.get("style", "") or not _TOP_BORDER.search(element.get("style")):
        return False
    text = "".join(_pieces(element))
    return len(text) <= _LONGEST_HEADER and _header_follows(text.split("\n"), 0)


def _header_follows(lines: Sequence[str], start: int) -> bool:
    """Whether the first lines that are not blank are the header of a mail."""
    following = [bare for line in lines[start : start + 30] if (bare := _MARKS.sub("", line).strip())][:8]
    return any(is_header_block(following, i, least=2) for i in range(min(2, len(following))))
