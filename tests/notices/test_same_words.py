"""Text and HTML say the same, character by character, links included."""

import re

import pytest

from mailbot.model.people import Language
from mailbot.notice_samples.all_samples import ALL, written
from mailbot.notices.render import Renderer
from mailbot.text import display_width
from tests.testkit.notices import reading, samples
from tests.testkit.tables import each_row

MARKER = "――― ここから上にご記入ください / Please write above this line ―――"


@each_row("name, language", ALL)
def test_text_and_html_say_the_same(name: str, language: Language) -> None:
    """Lines of the text part fit on the narrowest screen that shows them as such."""
    words = written(name, language)
    lines, html_lines = words.text.split("\n"), reading.html_lines(words.html)
    assert (lines[0] == MARKER) == (html_lines[0] in MARKER) == (MARKER in words.text)
    assert reading.characters("".join(html_lines)) == reading.characters(_without_reply_sentence(words.text))


def _without_reply_sentence(text: str) -> str:
    """A button that opens a reply is a sentence in plain text; one that opens a page shows its address there."""
    return re.sub(r"^→ (?:このメールに返信|Please answer by).*\n|^  https?://\S+$", "", text, flags=re.M)


@each_row("name, language", ALL)
def test_our_own_lines_fit_on_a_narrow_screen(name: str, language: Language) -> None:
    """What people wrote, addresses, and the sentences of the manual stay on one line, however long."""
    lines = written(name, language).text.split("\n")
    prose = [line for line in lines if _is_prose(line)]
    assert max(map(display_width, prose)) <= 76  # a closing bracket or a stop may stand beyond the margin


def _is_prose(line: str) -> bool:
    return not (line == MARKER or line.startswith(("※", "* ", "　", " ")) or re.search(r"[：:]|https?://|\[", line))


@pytest.mark.parametrize("language", Language)
def test_the_marker_stands_only_where_an_answer_is_expected(language: Language) -> None:
    asks = {"needs_confirmation", "draft", "review_request", "challenge", "withdrawal_meant", "form", "registration"}
    tells = {"received", "completed", "withdrawn", "password_seen", "status", "schedule", "challenge_denied", "help"}
    assert {name for name in asks | tells if MARKER in written(name, language).text} == asks


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
    japanese.remove("command_words.en.j2")  # the identifiers of the command line are English words
    assert japanese == {n for n in names if ".en." in n}
    assert japanese


def test_every_topic_is_looked_at() -> None:
    topics = {f.name.split(".")[0] for f in (samples.TEMPLATES / "answers").glob("*.j2")}
    assert topics == {name.split(".")[0] for name, _ in ALL} & topics


def test_an_unknown_template_is_an_error() -> None:
    renderer = Renderer([samples.TEMPLATES], {})
    with pytest.raises(Exception, match="no_such_notice"):
        renderer.render("notices/no_such_notice", Language.JA, {})
