"""Every notice and every answer that can be written, by name, and as it is written."""

from functools import cache

from mailbot.model.notice import RenderedNotice
from mailbot.model.people import Language
from mailbot.notice_samples import samples, samples_of_answers, samples_of_changes, samples_of_inquiries
from mailbot.notice_samples.samples import Sample
from mailbot.notices.write import NoticeWriter


@cache
def writer() -> NoticeWriter:
    """One for all tests of a process, made in the first of them: then compiled templates are kept for all processes."""
    return samples.make_writer()


@cache
def notices(lang: Language) -> dict[str, Sample]:
    return samples.notices(lang) | samples_of_changes.notices(lang) | samples_of_inquiries.notices(lang)


@cache
def answers(lang: Language) -> dict[str, Sample]:
    return samples_of_answers.answers(lang) | samples_of_changes.answers(lang) | samples_of_inquiries.answers(lang)


ALL = {
    (name, language): sample
    for language in Language
    for name, sample in (notices(language) | answers(language)).items()
}


@cache
def written(name: str, language: Language) -> RenderedNotice:
    """The notice or answer `name`, written once for all tests of a process."""
    return ALL[name, language].write(writer())
