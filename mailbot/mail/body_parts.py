"""Which parts of a MIME entity are its text, in order, and which are attachments (RFC 2046 §5.1)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message as MimePart

from mailbot.file_names import is_table
from mailbot.mail.html_plain import strip_tags
from mailbot.mail.split import encoded_payload
from mailbot.text import without_blanks

MOST_PARTS = 100
DEEPEST = 10
_LONGEST_PLACEHOLDER = 600  # characters of a plain text part that only says that there is an HTML part
_PLACEHOLDER = re.compile(r"html|rich text|リッチテキスト", re.I)


@dataclass(frozen=True)
class TextPart:
    """A part that is shown as text.  `alternative`: the HTML parts that a mail client may show instead of it."""

    part: MimePart
    is_html: bool
    alternative: tuple[MimePart, ...] = ()


@dataclass
class BodyParts:
    """The leaf parts of a mail, without those of an attached message/rfc822 (T-33)."""

    texts: list[TextPart] = field(default_factory=list)
    attachments: list[MimePart] = field(default_factory=list)


def body_parts(root: MimePart, text_of: Callable[[MimePart], str]) -> BodyParts:
    """The parts of `root`.  `text_of`: the decoded text of a part.  Raises ValueError beyond a limit."""
    return _Collector(text_of).collect(root, 0)


class _Collector:
    def __init__(self, text_of: Callable[[MimePart], str]) -> None:
        self._text_of = text_of
        self._seen = 0

    def collect(self, part: MimePart, depth: int) -> BodyParts:
        self._seen += 1
        if self._seen > MOST_PARTS or depth > DEEPEST:
            raise ValueError("too many parts")
        payload = encoded_payload(part)
        if part.get_content_maintype() != "multipart" or not isinstance(payload, list):
            return _leaf(part)
        children = [self.collect(child, depth + 1) for child in payload if isinstance(child, MimePart)]
        if part.get_content_subtype() == "alternative":
            return self._alternative(children)
        found = BodyParts()
        for child in children:
            has_text = any(self._text_of(one.part).strip() for one in found.texts)
            named = [one for one in child.texts if has_text and _is_named(one.part)]
            found.texts += [one for one in child.texts if one not in named]
            found.attachments += [*(one.part for one in named), *child.attachments]
        return found

    def _alternative(self, children: list[BodyParts]) -> BodyParts:
        """The plain text, with the HTML beside it; the HTML where the text is blank or only refers to it."""
        attachments = [part for child in children for part in child.attachments]
        plain = next((c for c in children if c.texts and not any(one.is_html for one in c.texts)), BodyParts())
        html = next((c for c in children if any(one.is_html for one in c.texts)), BodyParts())
        pages = tuple(one.part for one in html.texts if one.is_html)
        if not html.texts or not plain.texts:
            return BodyParts(plain.texts or html.texts, attachments)
        text = "\n".join(self._text_of(one.part) for one in plain.texts)
        if not text.strip() or self._is_placeholder(text, pages):
            return BodyParts(html.texts, attachments)
        first, *others = plain.texts
        return BodyParts([TextPart(first.part, is_html=False, alternative=pages), *others], attachments)

    def _is_placeholder(self, text: str, pages: tuple[MimePart, ...]) -> bool:
        """Whether a text says that the mail is to be read as HTML: none of its lines is on the page."""
        if len(text) > _LONGEST_PLACEHOLDER or not _PLACEHOLDER.search(text):
            return False
        shown = "".join(without_blanks(strip_tags(self._text_of(page))) for page in pages)
        lines = [without_blanks(line) for line in text.split("\n")]
        return bool(shown) and not any(line in shown for line in lines if line)


def _leaf(part: MimePart) -> BodyParts:
    kind = part.get_content_type()
    if kind.startswith("multipart/"):
        kind = "text/plain"  # a multipart without a valid boundary is read as text
    if kind not in ("text/plain", "text/html") or _is_attachment(part):
        return BodyParts(attachments=[part])
    return BodyParts(texts=[TextPart(part, kind == "text/html")])


def _is_attachment(part: MimePart) -> bool:
    disposition = str(part.get("content-disposition", "")).strip().lower()
    if disposition.startswith("attachment"):
        return True
    return _is_named(part) and is_table(str(part.get_filename()))


def _is_named(part: MimePart) -> bool:
    """Whether a part has a file name and is not said to be inline: the text of a mail only if nothing else is."""
    disposition = str(part.get("content-disposition", "")).strip().lower()
    return part.get_filename() is not None and "inline" not in disposition
