"""Every notice and answer, whole, as it was last looked at and found good.

After a change that is meant: `MAILBOT_UPDATE_GOLDEN=1 pytest tests/notices/test_golden.py`, then read the difference.
"""

import os
from itertools import product
from pathlib import Path

import pytest

from mailbot.model.people import Language
from tests.testkit.notices import all_samples
from tests.testkit.tables import each_row

GOLDEN = Path(__file__).parent / "golden"
UPDATE = os.environ.get("MAILBOT_UPDATE_GOLDEN") == "1"
NOTICES = list(all_samples.notices(Language.JA))
ANSWERS = list(all_samples.answers(Language.JA))


def _same(name: str, written: str) -> None:
    file = GOLDEN / name
    if UPDATE:
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(written, encoding="utf-8")
    assert written == file.read_text(encoding="utf-8")


@each_row("name, language", [*product(NOTICES, Language)])
def test_notice(name: str, language: Language) -> None:
    words = all_samples.written(name, language)
    _same(f"{name}.{language}.txt", f"{words.subject}\n\n{words.text}")
    _same(f"{name}.{language}.html", words.html)


@each_row("name, language", [*product(ANSWERS, Language)])
def test_answer(name: str, language: Language) -> None:
    words = all_samples.written(name, language)
    _same(f"answer.{name}.{language}.txt", f"{words.subject}\n\n{words.text}")


@pytest.mark.skipif(UPDATE, reason="the golden files are being written")
def test_no_golden_file_is_left_over() -> None:
    expected = {f"{n}.{lang}.{kind}" for n in NOTICES for lang in Language for kind in ("txt", "html")}
    expected |= {f"answer.{n}.{lang}.txt" for n in ANSWERS for lang in Language}
    assert {file.name for file in GOLDEN.iterdir()} == expected
