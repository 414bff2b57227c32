"""Exercise (b) of docs/how-to/change-the-program.md: the keyword 再審査, added to a copy of the program."""

from pathlib import Path

import pytest

from tests.test_exercises import Edit, copy_program, run_copy

KEYWORDS = (
    Edit(
        "mailbot/model/reviewer_keywords.py",
        '    REVIEW_AGAIN = "review_again"\n',
        behind='    TAKE = "take"\n',
    ),
    Edit(
        "mailbot/model/reviewer_keywords.py",
        """\
    ReviewerKeywordRow(
        name=ReviewerKeyword.REVIEW_AGAIN,
        japanese=("再審査", "再審査します"),
        english=("review again",),
        event=Event.REVIEW_AGAIN,
    ),
""",
        behind="""\
        english=("take",),
        event=Event.TAKE,
    ),
""",
    ),
)
LIFECYCLE = (
    Edit(
        "mailbot/model/lifecycle.py",
        '    REVIEW_AGAIN = "review_again"\n',
        behind='    APPROVE = "approve"\n',
    ),
    Edit(
        "mailbot/model/lifecycle.py",
        """\
    Event.REVIEW_AGAIN: EventRule(
        by=Party.REVIEWER,
        moves={State.NEEDS_CONFIRMATION: State.RECEIVED},
        meaning="A reviewer reviews the application again, without waiting for the applicant's answer (再審査).",
        reason="reviewed-again",
    ),
""",
        behind="""\
        meaning="A reviewer approves the application (承認).",
        reason="approved",
        news=True,
    ),
""",
    ),
)
JAPANESE = (
    Edit(
        "templates/names.ja.j2",
        """\
  "review_again": {
    "item": " 審査（再審査）",
    "decision": "「再審査」",
    "deed": "「再審査」の回答",
  },
""",
        behind="{% set events = {\n",
    ),
    Edit(
        "templates/names.ja.j2",
        """\
  "review_again": {
    "help": "…申込者の回答を待たずに、受付に戻して審査します。",
    "button": "再審査の返信…",
  },
""",
        behind="{% set reviewer_keywords = {\n",
    ),
)
ENGLISH = (
    Edit(
        "templates/names.en.j2",
        """\
  "review_again": {
    "item": ": review (again)",
    "decision": "another review",
    "outcome": "the application is reviewed again",
    "deed": "another review",
  },
""",
        behind="{% set events = {\n",
    ),
    Edit(
        "templates/names.en.j2",
        """\
  "review_again": {
    "help": " takes the application back into review without waiting for the applicant.",
    "button": "Review it again",
  },
""",
        behind="{% set reviewer_keywords = {\n",
    ),
)

# Edits, and what is named as missing after them.
STEPS = (
    (
        (LIFECYCLE[0], KEYWORDS[0]),
        (
            "mailbot/model/lifecycle.py: EVENTS has no row for <Event.REVIEW_AGAIN",
            "mailbot/model/reviewer_keywords.py: REVIEWER_KEYWORDS has no row for <ReviewerKeyword.REVIEW_AGAIN",
        ),
    ),
    (
        (LIFECYCLE[1],),
        (
            "mailbot/model/reviewer_keywords.py: no keyword carries out <Event.REVIEW_AGAIN",
            "templates/names.ja.j2: events has no decision of review_again",
            "templates/names.en.j2: events has no outcome of review_again",
        ),
    ),
    (
        (KEYWORDS[1], *JAPANESE, ENGLISH[0]),
        (
            "templates/names.en.j2: reviewer_keywords has no help of review_again",
            "templates/names.en.j2: reviewer_keywords has no button of review_again",
        ),
    ),
)
# What tests/model/test_reviewer_keywords.py names, in the program that this runs in.
NAMED = """
from tests.model.test_reviewer_keywords import forgotten
found = chr(10).join(forgotten())
for words in WANTED:
    assert words in found, (words, found)
assert WANTED or not found, found
"""
WORKS = """
from pathlib import Path
import mailbot
from mailbot.notices.folder import templates_folder
from mailbot.forms.decision import reviewer_decision
from mailbot.model.lifecycle import Event, State, log_reason
from mailbot.model.people import Language
from mailbot.model.reasons import REASONS
from mailbot.model.reviewer_keywords import ReviewerKeyword
from mailbot.notices.contents.answers import Answer
from mailbot.notices.contents.reviewers import DecisionMade, ReviewRequest
from mailbot.records.applications import application_store
from tests.testkit.desk import FORM, open_desk_under_test
from tests.testkit.notices import samples

here = Path.cwd()
assert Path(mailbot.__file__).is_relative_to(here), mailbot.__file__

# 「再審査」 is read as a decision.
decision = reviewer_decision("「再審査」\\n書類が届きました。\\nよろしくお願いします。")
assert decision.kind is ReviewerKeyword.REVIEW_AGAIN
assert decision.event is Event.REVIEW_AGAIN
assert decision.words == "書類が届きました。"
assert reviewer_decision("再審査はしません").event is None

# An application of which a reviewer has asked something goes back into review.
folder = here / "desk"
folder.mkdir()
desk = open_desk_under_test(folder)
taro, ichiro = desk.person("通関 太郎", "taro@naxtrade.example"), desk.person("審査 一郎", "ichiro@desk.example")
taro.sends(FORM)
request = ichiro.mails[-1]
ichiro.replies(request, "確認依頼\\n書類をお送りください。")
asked = desk.application(request.receipt)
assert asked.state is State.NEEDS_CONFIRMATION
assert log_reason(Event.REVIEW_AGAIN) in REASONS
with desk.store.transaction():
    again = application_store.apply_event(asked, Event.REVIEW_AGAIN, desk.clock.now(), samples.ICHIRO, words=decision.words)
assert again.state is State.RECEIVED
desk.store.close()

# The notices name it: what was decided, and how to write it.
writer = samples.make_writer(templates_folder())
for language, shown, named in (Language.JA, "「再審査」", "審査（再審査）"), (Language.EN, '"review again"', "review (again)"):
    judge, case = samples.reviewer(language), samples.case(again)
    made = DecisionMade(case=case, event=Event.REVIEW_AGAIN, by=samples.ICHIRO, words=decision.words)
    told = writer.write(made, judge)
    assert "書類が届きました。" in told.text
    asked = writer.write(ReviewRequest(case=case, checks=samples.CHECKS), judge, samples.REPLY)
    assert shown in asked.text, asked.text
    assert {Language.JA: "再審査の返信…", Language.EN: "Review it again"}[language] in asked.html
    progress = writer.write(Answer(topic="status", params={"cases": [case]}), samples.contact(language))
    assert named in progress.text, progress.text
"""


@pytest.mark.slow
def test_a_reviewer_keyword(tmp_path: Path) -> None:
    """Four files: the event and the keyword in the model, their words in two languages; each that lacks is named."""
    copy_program(tmp_path)
    for edits, complaints in STEPS:
        for edit in edits:
            edit.apply(tmp_path)
        run_copy(tmp_path, f"WANTED = {complaints!r}{NAMED}")
    ENGLISH[1].apply(tmp_path)
    run_copy(tmp_path, f"WANTED = []{NAMED}{WORKS}")
