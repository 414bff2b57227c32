"""Every notice × every style of quoting × what was typed → what was typed, and no approval that nobody gave."""

from functools import cache
from itertools import product

import pytest

from mailbot.forms.command import applicant_command
from mailbot.forms.decision import reviewer_decision
from mailbot.mail.quoting import own_words
from tests.testkit.notices.all_samples import ALL, written
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


def test_there_are_at_least_twelve_styles() -> None:
    assert len(STYLES) >= 12


@pytest.mark.parametrize("style", STYLES)
def test_a_reply_above_the_quote(style: str) -> None:
    wrong = []
    for (name, sent), (kind, typed) in product(texts().items(), TYPED.items()):
        own = own_words(f"{typed}\n\n{STYLES[style](sent)}", [sent])
        right = (
            own.text.strip() == typed
            and own.inline == ()
            and (reviewer_decision(own.text), applicant_command("Re: x", own.text)) == meaning(typed)
        )
        if not right:
            wrong.append((name, kind, own))
    assert wrong == []


@pytest.mark.parametrize("style", MARKING)
def test_a_reply_below_a_marked_quote(style: str) -> None:
    wrong = []
    for (name, sent), (kind, typed) in product(texts().items(), TYPED.items()):
        own = own_words(f"{STYLES[style](sent)}\n\n{typed}\n", [sent])
        if lines(own.text) != lines(typed) or own.inline != ():
            wrong.append((name, kind, own))
    assert wrong == []


def lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]
