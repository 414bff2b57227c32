"""How the tests read what was written: the lines and the characters of a text and of an HTML part."""

import re
import unicodedata
from collections.abc import Iterator

from lxml import html
from lxml.html import HtmlElement

from mailbot.model.keyword_words import is_command_line

_BLOCKS = ("p", "td", "h1", "h2", "div", "br", "title")
_LAYOUT = re.compile(r"<mailto:[^>]*>|[\s｜・■━─―→○–-]+|[：:]")

# Whatever decides or asks something when it stands alone on a line (forms, «Mails to and from reviewers»).
KEYWORDS = frozenset(
    {
        *("承認", "承認します", "承認いたします", "確認依頼", "修正", "差戻し", "差し戻し", "訂正", "保留", "担当"),
        *("状況", "ヘルプ", "使い方", "取下げ", "取り下げ", "取下げます", "一時保存", "様式", "申込", "フォーム"),
        *("契約内容", "新着", "新着情報", "承認通知", "申込書"),
        *("approve", "approved", "ok", "fix", "hold", "take", "status", "help", "withdraw", "cancel", "save"),
        *("form", "contract", "news"),
    }
)


def is_keyword(line: str) -> bool:
    """Whether a line says nothing but a keyword, brackets and a stop aside: by the desk's own reading, and wider."""
    if is_command_line(line):
        return True
    folded = unicodedata.normalize("NFKC", line).casefold()
    return "".join(folded.split()).strip("「」『』【】[]()\"'.。!、,*") in KEYWORDS


def visible_tree(page: str) -> HtmlElement:
    """The body of a page, without what is never shown, and without the links that open a reply: text has none."""
    body: HtmlElement = html.fromstring(page).find("body")
    for hidden in body.xpath(".//div[contains(@style, 'display:none')]"):
        hidden.drop_tree()
    for link in body.xpath(".//a[starts-with(@href, 'mailto:')]"):
        link.drop_tree()
    return body


def html_lines(page: str) -> list[str]:
    """What stands between two edges of blocks: a cell, a paragraph, a line."""
    return [line.strip() for line in "".join(_pieces(visible_tree(page))).split("\n") if line.strip()]


def _pieces(element: HtmlElement) -> Iterator[str]:
    block = element.tag in _BLOCKS
    if block:
        yield "\n"
    yield " ".join((element.text or "").split("\n"))
    for child in element:
        yield from _pieces(child)
        yield " ".join((child.tail or "").split("\n"))
    if block:
        yield "\n"


def characters(text: str) -> str:
    """The characters that people read, without what only lays them out."""
    return _LAYOUT.sub("", text)
