"""A keyword of the reviewer is complete: its row, its event's row, its words in both languages.

What was forgotten is named with the file where it belongs.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader
from jinja2.environment import TemplateModule

import mailbot
from mailbot.model.applicant_commands import APPLICANT_COMMANDS, ApplicantCommand
from mailbot.model.lifecycle import EVENTS, INTERNAL_EVENTS, NEWS_EVENTS, REVIEWER_EVENTS, Event
from mailbot.model.people import Language
from mailbot.model.reviewer_keywords import REVIEWER_KEYWORDS, ReviewerKeyword, reviewer_keyword
from mailbot.text import fold_word

TEMPLATES = Path(mailbot.__file__).parents[1] / "templates"
# The first of two approvals is written with the keyword of the approval.
WITHOUT_KEYWORD = {Event.ENDORSE}
LIFECYCLE, KEYWORDS = "mailbot/model/lifecycle.py", "mailbot/model/reviewer_keywords.py"


@cache
def names_module(language: Language) -> TemplateModule:
    """templates/names.*.j2, compiled once."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True)
    return environment.get_template(f"names.{language}.j2").module


def named(language: Language, table: str) -> Mapping[str, Mapping[str, str] | str]:
    """A table of templates/names.*.j2."""
    return cast("Mapping[str, Mapping[str, str] | str]", getattr(names_module(language), table))


def forgotten() -> list[str]:
    """What a keyword, a command or an event still needs, each with its place."""
    rows = {row.name for row in REVIEWER_KEYWORDS}
    commands = {row.name for row in APPLICANT_COMMANDS}
    by_keyword = {row.event for row in REVIEWER_KEYWORDS}
    return [
        *(f"{KEYWORDS}: REVIEWER_KEYWORDS has no row for {name!r}" for name in ReviewerKeyword if name not in rows),
        *(
            f"mailbot/model/applicant_commands.py: APPLICANT_COMMANDS has no row for {name!r}"
            for name in ApplicantCommand
            if name not in commands
        ),
        *(f"{LIFECYCLE}: EVENTS has no row for {event!r}" for event in Event if event not in EVENTS),
        *(f"{LIFECYCLE}: {event!r} has no moves" for event, rule in EVENTS.items() if not rule.moves),
        *(
            f"{LIFECYCLE}: {event!r} has no reason code for the mail log"
            for event in sorted(REVIEWER_EVENTS)
            if not EVENTS[event].reason
        ),
        *(
            f"{KEYWORDS}: no keyword carries out {event!r}"
            for event in sorted(REVIEWER_EVENTS - WITHOUT_KEYWORD)
            if event not in by_keyword
        ),
        *(line for language in Language for line in unnamed(language)),
    ]


def unnamed(language: Language) -> list[str]:
    """What has no words in one language."""
    file = f"templates/names.{language}.j2"
    events, keywords = named(language, "events"), named(language, "reviewer_keywords")
    needed = {event: ["item", "deed"] for event in Event}
    for event in REVIEWER_EVENTS:
        needed[event] += ["decision", "outcome"] if language is Language.EN else ["decision"]
    for event in NEWS_EVENTS:
        needed[event].append("news")
    needed_of = {name: ["help"] for name in ReviewerKeyword}
    for row in REVIEWER_KEYWORDS:
        if row.event is not None:
            needed_of[row.name].append("button")
    return [
        *(
            f"{file}: events has no {part} of {event.value}"
            for event, parts in needed.items()
            for part in parts
            if part not in events.get(event, {})
        ),
        *(
            f"{file}: reviewer_keywords has no {part} of {name.value}"
            for name, parts in needed_of.items()
            for part in parts
            if part not in keywords.get(name, {})
        ),
        *(
            f"{file}: applicant_commands has nothing of {name.value}"
            for name in ApplicantCommand
            if name not in named(language, "applicant_commands")
        ),
    ]


def test_nothing_is_forgotten() -> None:
    found = forgotten()
    assert not found, "\n".join(found)


def test_no_words_are_left_over() -> None:
    for language in Language:
        assert set(named(language, "events")) == set(Event)
        assert set(named(language, "reviewer_keywords")) == set(ReviewerKeyword)
        assert set(named(language, "applicant_commands")) == set(ApplicantCommand)


def test_each_word_belongs_to_one_keyword() -> None:
    for table in REVIEWER_KEYWORDS, APPLICANT_COMMANDS:
        words = [fold_word(word) for row in table for word in row.words]
        assert len(words) == len(set(words))


def test_each_reviewer_event_has_a_reason_of_its_own() -> None:
    reasons = [EVENTS[event].reason for event in REVIEWER_EVENTS]
    assert len(reasons) == len(set(reasons))


def test_what_the_applicant_does_not_see() -> None:
    """Notes of the reviewers, and what was stored before the submission."""
    assert {Event.TAKE, Event.HOLD, Event.ENDORSE, Event.DEPUTIZE, Event.SAVE} <= INTERNAL_EVENTS
    assert not INTERNAL_EVENTS & NEWS_EVENTS
    assert not INTERNAL_EVENTS & {Event.SUBMIT, Event.CORRECT, Event.ASK, Event.APPROVE, Event.WITHDRAW, Event.LAPSE}


def test_a_keyword_knows_its_event_and_reason() -> None:
    approve, status = reviewer_keyword("approve"), reviewer_keyword("status")
    assert approve is not None
    assert (approve.event, approve.reason) == (Event.APPROVE, "approved")
    assert status is not None
    assert (status.event, status.reason) == (None, "")
    assert reviewer_keyword("several") is None
