"""HTML that the oldest client shows and that asks nothing of the network."""

import re

from lxml import html
from lxml.html import HtmlElement

from mailbot.model.people import Language
from mailbot.notice_samples.all_samples import ALL, written
from tests.testkit.tables import each_row

MOST_OCTETS = 17_000  # some clients cut a mail off at 100 kB, its quotes included
_COLOUR = re.compile(r"(?<![-\w])(color|background-color):(#[0-9a-f]{6})")


@each_row("name, language", ALL)
def test_rules(name: str, language: Language) -> None:
    words = written(name, language)
    page = html.document_fromstring(words.html)
    assert page.get("lang") == language.value
    assert page.findtext("head/title") == words.subject
    assert not page.xpath("//script | //link | //img | //iframe | //form | //object | //video | //body//style")
    (sheet,) = page.xpath("//head/style/text()")
    assert set(" ".join(page.xpath("//@class")).split()) <= set(re.findall(r"\.([a-z]+)", sheet))
    assert not re.search(r"url\(|@import|position:|float:", words.html)
    assert len(words.html.encode()) <= MOST_OCTETS
    assert all(table.get("role") == "presentation" for table in page.iter("table"))
    assert "max-width:640px" in words.html
    links = [link for _, attribute, link, _ in page.iterlinks() if attribute != "href"]
    assert links == []
    assert all(len(line.encode()) <= 8000 for line in words.html.split("\n"))
    (preheader,) = page.xpath("//div[contains(@style, 'display:none')]")
    assert preheader.text_content().strip() in [p.text_content().strip() for p in page.iter("p")]
    assert _low_contrast(page.find("body")) == []


def _low_contrast(body: HtmlElement) -> list[str]:
    """Elements with text whose contrast is below 4.5 to 1 (WCAG 2.2 §1.4.3, AA)."""
    found = []
    for element in body.iter():
        if (element.text or "").strip() and "display:none" not in (element.get("style") or ""):
            colours = _inherited(element)
            if _contrast(colours["color"], colours["background-color"]) < 4.5:
                found.append(html.tostring(element, encoding="unicode"))
    return found


def _inherited(element: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in (element, *element.iterancestors()):
        for name, value in _COLOUR.findall(one.get("style") or ""):
            found.setdefault(name, value)
    return found


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
