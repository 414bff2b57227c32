"""Text and HTML say the same, character by character, links included."""

import re

import pytest

from mailbot.model.people import Language
from mailbot.notices.render import Renderer
from mailbot.text import display_width
from tests.testkit.notices import all_samples, reading, samples

WRITER = samples.make_writer()
ALL = {
    (name, language): sample
    for language in Language
    for name, sample in (all_samples.notices(language) | all_samples.answers(language)).items()
}


@pytest.mark.parametrize("name, language", ALL)
def test_the_same_characters(name: str, language: Language) -> None:
    words = ALL[name, language].write(WRITER)
    assert reading.characters("".join(reading.html_lines(words.html))) == reading.characters(words.text)


@pytest.mark.parametrize("name, language", ALL)
def test_the_same_links(name: str, language: Language) -> None:
    words = ALL[name, language].write(WRITER)
    hrefs = [link for _, _, link, _ in reading.visible_tree(words.html).iterlinks() if link.startswith("mailto:")]
    assert hrefs == re.findall(r"<(mailto:[^>]*)>", words.text)


@pytest.mark.parametrize("name, language", ALL)
def test_the_marker_is_the_first_thing_to_read(name: str, language: Language) -> None:
    words = ALL[name, language].write(WRITER)
    marker = "――――― ここから上にご記入ください / Please write above this line ―――――"
    assert words.text.split("\n")[0] == marker
    assert reading.html_lines(words.html)[0] == marker


@pytest.mark.parametrize("name, language", ALL)
def test_lines_are_short(name: str, language: Language) -> None:
    text = ALL[name, language].write(WRITER).text
    lines = [line for line in text.split("\n")[1:] if "<mailto:" not in line and not line.startswith(("※", "* "))]
    assert max(map(display_width, lines)) <= 76


def test_both_layouts_have_the_same_blocks() -> None:
    layouts = {
        medium: re.findall(r"macro (\w+)\(", (samples.TEMPLATES / f"layouts/{medium}.j2").read_text())
        for medium in ("text", "html")
    }
    only_html = {"value_lines", "box"}
    assert set(layouts["html"]) - only_html == set(layouts["text"])


def test_every_template_is_there_in_both_languages() -> None:
    folders = (samples.TEMPLATES, samples.PROCEDURE.words)
    names = {str(f.relative_to(folder)) for folder in folders for f in folder.rglob("*.j2")}
    japanese = {n.replace(".ja.", ".en.") for n in names if ".ja." in n}
    assert japanese == {n for n in names if ".en." in n}
    assert japanese


def test_every_topic_is_looked_at() -> None:
    topics = {f.name.split(".")[0] for f in (samples.TEMPLATES / "answers").glob("*.j2")}
    assert topics == {name.split(".")[0] for name, _ in ALL} & topics


def test_an_unknown_template_is_an_error() -> None:
    renderer = Renderer([samples.TEMPLATES], {})
    with pytest.raises(Exception, match="no_such_notice"):
        renderer.render("notices/no_such_notice", Language.JA, {})
