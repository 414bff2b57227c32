"""仮パスワード: 8 of A–Z and 0–9, at least one of each, none that people misread (S0, URY)."""

import re
from collections.abc import Callable

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O
DIGITS = "23456789"  # without 0 and 1
LENGTH = 8
REMEMBERED_GENERATIONS = 3

_URY_FORM = re.compile(r"(?=.*[A-Z])(?=.*[0-9])[A-Z0-9]{6,8}", re.ASCII)


def is_acceptable(password: str) -> bool:
    """Whether URY would take it: 6–8 of half-width A–Z and 0–9, at least one of each (S0, R0003)."""
    return _URY_FORM.fullmatch(password) is not None


def generate(choose: Callable[[str], str], used_before: Callable[[str], bool]) -> str:
    """A new password.

    `choose` picks one character of a string at random (`secrets.choice`); `used_before` says whether a
    candidate is one of the last three generations (R0001…R0004 of S0's list: R0004).
    """
    while True:
        candidate = "".join(choose(LETTERS + DIGITS) for _ in range(LENGTH))
        if is_acceptable(candidate) and not used_before(candidate):
            return candidate
