"""Patterns that are written for a quick search match the same as the plain ones."""

import re
import unicodedata
from string import ascii_lowercase

import pytest

from mailbot.patterns import any_of

ALTERNATIVES = ("wrote", r"\bnot\b.{1,20}\bbut\b", "as is", "kind", "様(?:から|より)", r"引用\s*$", "File")
TEXTS = (
    *(
        "He WROTE",
        "knot a but",
        "not A but b",
        "As Is",
        "as \u0130s",
        "\u017fent aſ is",
        "\u212aind",
        "山田様より",
        "引用 ",
        "引用。",
    ),
    *("É", "ÉTé", "éT", "FILE", "ﬁle", "profile", "", "とのこと"),
)


@pytest.mark.parametrize("alternatives", [ALTERNATIVES, ("File", "tab", "is")])
def test_any_of_matches_what_the_plain_pattern_matches(alternatives: tuple[str, ...]) -> None:
    quick, plain = any_of(*alternatives), re.compile("|".join(alternatives), re.IGNORECASE)

    def spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
        return [match.span() for match in pattern.finditer(text)]

    assert {text: spans(quick, text) for text in TEXTS} == {text: spans(plain, text) for text in TEXTS}


def test_each_form_of_a_first_letter_is_known() -> None:
    def lacks(letter: str, pattern: re.Pattern[str]) -> list[str]:
        plain = re.compile(letter, re.IGNORECASE)
        characters = (chr(code) for code in range(0x3000) if unicodedata.category(chr(code)).startswith("L"))
        return [c for c in characters if (plain.fullmatch(c) is None) != (pattern.fullmatch(c) is None)]

    assert {letter: lacks(letter, any_of(letter)) for letter in ascii_lowercase} == {
        letter: [] for letter in ascii_lowercase
    }


@pytest.mark.parametrize("alternative", ["", "é", "ſent", "[ab]c", r"\d", "(?:a|b)", "é?t", "a*b", r"\b"])
def test_an_alternative_without_a_first_letter_is_refused(alternative: str) -> None:
    with pytest.raises(ValueError, match="literal"):
        any_of("x", alternative)
