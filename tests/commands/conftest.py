"""The commands are read in English here; `test_people_words.py` reads the Japanese ones."""

import pytest


@pytest.fixture(scope="module", autouse=True)
def in_english() -> "pytest.MonkeyPatch":  # type: ignore[misc]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAILBOT_DESK_LANGUAGE", "en")
        yield patch
