"""Every notice and every answer that can be written, by name."""

from mailbot.model.people import Language
from tests.testkit.notices import samples, samples_of_changes, samples_of_inquiries
from tests.testkit.notices.samples import Sample


def notices(lang: Language) -> dict[str, Sample]:
    return samples.notices(lang) | samples_of_changes.notices(lang) | samples_of_inquiries.notices(lang)


def answers(lang: Language) -> dict[str, Sample]:
    return samples.answers(lang) | samples_of_changes.answers(lang) | samples_of_inquiries.answers(lang)
