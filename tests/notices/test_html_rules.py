"""HTML that the oldest client shows and that asks nothing of the network."""

import re

import pytest
from lxml import html
from lxml.html import HtmlElement

from mailbot.model.people import Language
from tests.notices.test_same_words import ALL, WRITER

_COLOUR = re.compile(r"(?<![-\w])(color|background-color):(#[0-9a-f]{6})")


@pytest.mark.parametrize("name, language", ALL)
def test_rules(name: str, language: Language) -> None:
    words = ALL[name, language].write(WRITER)
    page = html.document_fromstring(words.html)
    assert page.get("lang") == language.value
    assert page.findtext("head/title") == words.subject
    assert not page.xpath("//script | //style | //link | //img | //iframe | //form | //object | //video | //*[@class]")
    assert not re.search(r"url\(|@import|position:|float:", words.html)
    assert all(table.get("role") == "presentation" for table in page.iter("table"))
    assert "max-width:640px" in words.html
    links = [link for _, attribute, link, _ in page.iterlinks() if attribute != "href"]
    assert links == []
    assert all(len(line.encode()) <= 8000 for line in words.html.split("\n"))


@pytest.mark.parametrize("name, language", ALL)
def test_the_preheader_is_the_lead(name: str, language: Language) -> None:
    page = html.document_fromstring(ALL[name, language].write(WRITER).html)
    (hidden,) = page.xpath("//div[contains(@style, 'display:none')]")
    assert hidden.text_content().strip() in [p.text_content().strip() for p in page.iter("p")]


@pytest.mark.parametrize("name, language", ALL)
def test_contrast(name: str, language: Language) -> None:
    """WCAG 2.2 §1.4.3 (AA): 4.5 to 1 for every text that is shown."""
    body = html.document_fromstring(ALL[name, language].write(WRITER).html).find("body")
    for element in body.iter():
        shown = (element.text or "").strip() and "display:none" not in (element.get("style") or "")
        if shown:
            colours = _inherited(element)
            assert _contrast(colours["color"], colours["background-color"]) >= 4.5, html.tostring(element)


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
