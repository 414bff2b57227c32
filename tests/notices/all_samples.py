"""Every notice and every answer that can be written, by name."""

from collections.abc import Callable

from mailbot.model.notice import Words
from mailbot.model.people import Language
from mailbot.notices.write import Writer
from tests.notices import samples, samples_of_changes


def notices(writer: Writer, lang: Language) -> dict[str, Callable[[], Words]]:
    return samples.notices(writer, lang) | samples_of_changes.notices(writer, lang)


def answers(writer: Writer, lang: Language) -> dict[str, Callable[[], Words]]:
    return samples.answers(writer, lang) | samples_of_changes.answers(writer, lang)
