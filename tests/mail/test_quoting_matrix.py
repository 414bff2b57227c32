"""Every notice × every style of quoting × what was typed → what was typed, and no approval that nobody gave.

Every day: each two of the three together, each notice in each style.  The slow tests have all three.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product

import pytest

from mailbot.forms.command import applicant_command
from mailbot.forms.decision import reviewer_decision
from mailbot.mail.quoting import own_words
from mailbot.notice_samples.all_samples import ALL, written
from tests.testkit.quoting_styles import MARKING, STYLES

TYPED = {
    "approval": "承認",
    "polite": "お世話になっております。\n\n修正\n理由をもう少し詳しくお願いします。\n\nよろしくお願いいたします。",
    "question": "これは承認してよいですか？",
    "nothing": "",
}


@cache
def texts() -> dict[str, str]:
    """The text of each notice, by its name and language."""
    return {f"{name}.{language}": written(name, language).text for name, language in ALL}


@cache
def meaning(typed: str) -> tuple[object, object]:
    """What a reviewer decides by it, and what an applicant asks for."""
    return reviewer_decision(typed), applicant_command("Re: x", typed)


# Whether everything is typed above and below each quote of each notice, or the next of it with the next notice.
EVERYTHING = pytest.mark.parametrize("everything", [False, pytest.param(True, marks=pytest.mark.slow)])


def replies(style: str, everything: bool) -> Iterator[tuple[str, str, str, str]]:
    """Names of notice and of what is typed, with the texts of both."""
    names = list(TYPED)
    for number, (name, sent) in enumerate(texts().items(), list(STYLES).index(style)):
        for kind in names if everything else [names[number % len(names)]]:
            yield name, kind, sent, TYPED[kind]


@pytest.mark.parametrize("styles", [STYLES, MARKING], ids=["all", "marking"])
def test_each_two_are_together_every_day(styles: Mapping[str, object]) -> None:
    found = {(style, name, kind) for style in styles for name, kind, *_ in replies(style, False)}
    assert {(style, name) for style, name, _ in found} == set(product(styles, texts()))
    assert {(style, kind) for style, _, kind in found} == set(product(styles, TYPED))
    assert {(name, kind) for _, name, kind in found} == set(product(texts(), TYPED))


def test_there_are_at_least_twelve_styles() -> None:
    assert len(STYLES) >= 12


@EVERYTHING
@pytest.mark.parametrize("style", STYLES)
def test_a_reply_above_the_quote(style: str, everything: bool) -> None:
    wrong = []
    for name, kind, sent, typed in replies(style, everything):
        own = own_words(f"{typed}\n\n{STYLES[style](sent)}", [sent])
        right = (
            own.text.strip() == typed
            and own.inline == ()
            and (reviewer_decision(own.text), applicant_command("Re: x", own.text)) == meaning(typed)
        )
        if not right:
            wrong.append((name, kind, own))
    assert wrong == []


@EVERYTHING
@pytest.mark.parametrize("style", MARKING)
def test_a_reply_below_a_marked_quote(style: str, everything: bool) -> None:
    wrong = []
    for name, kind, sent, typed in replies(style, everything):
        own = own_words(f"{STYLES[style](sent)}\n\n{typed}\n", [sent])
        if lines(own.text) != lines(typed) or own.inline != ():
            wrong.append((name, kind, own))
    assert wrong == []


def lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]
