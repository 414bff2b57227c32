"""仮パスワード: 8 characters of A–Z and 0–9, at least one of each, without those easily misread (S0, URY)."""

import re
from collections.abc import Callable

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O
DIGITS = "23456789"  # without 0 and 1
LENGTH = 8
REMEMBERED_GENERATIONS = 3

_URY_FORM = re.compile(r"(?=.*[A-Z])(?=.*[0-9])[A-Z0-9]{6,8}", re.ASCII)


def is_acceptable(password: str) -> bool:
    """Whether URY accepts it: 6–8 half-width characters of A–Z and 0–9, at least one of each (S0, R0003)."""
    return _URY_FORM.fullmatch(password) is not None


def generate(choose: Callable[[str], str], used_before: Callable[[str], bool]) -> str:
    """A new password.

    `choose`: one character of a string at random (`secrets.choice`); `used_before`: whether a candidate is one of the
    last REMEMBERED_GENERATIONS passwords of the ID (S0, R0004).
    """
    while True:
        candidate = "".join(choose(LETTERS + DIGITS) for _ in range(LENGTH))
        if is_acceptable(candidate) and not used_before(candidate):
            return candidate
