"""Mails in another person's name by somebody who has seen every identifier of the genuine ones.

The attacker knows Message-IDs, receipt numbers, threads and the texts of notices; where it is said, even the reply
address.  Nothing changes, whatever policy the domain publishes; under reject and quarantine nobody gets a mail either.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.model.lifecycle import State
from mailbot.records.applications import application_store
from mailbot.records.queues import outbox
from mailbot.records.schema.application_tables import GrantRow
from tests.testkit.desk import FORM, DeskUnderTest, ReceivedNotice, gmail
from tests.testkit.mail_domains import zones_of
from tests.testkit.strict_desk import HANAKO, ICHIRO, TARO, replies, said, sends, strict_desk

ATTACKER = "attack.co.jp"
DESK = "desk@desk.example"
CORRECTION = "修正\n備考：書き換えました\n"


class Scene:
    """An application in review, and what the attacker has seen of it."""

    def __init__(self, desk: DeskUnderTest) -> None:
        self.desk = desk
        self.taro, self.ichiro = desk.person("taro", TARO), desk.person("ichiro", ICHIRO)
        self.hanako = desk.person("hanako", HANAKO)
        sends(desk, TARO, FORM)
        self.received, self.request = self.taro.gets("received"), self.ichiro.gets("review-request")
        for person in desk.people.values():
            person.forgets()

    def state(self) -> object:
        """Everything that a decision or a change would change."""
        applications = [
            (a.id, a.state, a.held, a.taken_by, len(a.steps), a.pending) for a in application_store.listing()
        ]
        return applications, [a.revision.number for a in application_store.listing()]

    def forges(self, victim: str, text: str, seen: ReceivedNotice, how: str) -> str:
        """A mail in the victim's name, not signed by its domain; `how`: which identifiers it uses."""
        message_id = str(seen.message["Message-ID"])
        headers = {"subject": f"Re: {seen.subject}"} if "subject" in how or "thread" in how else {}
        if "thread" in how:
            headers |= {"In_Reply_To": message_id, "References": message_id}
        elif "references" in how:
            headers["References"] = f"{seen.message['References'] or ''} {message_id}".strip()
        elif "in-reply-to" in how:
            headers["In_Reply_To"] = message_id
        if "notice headers" in how:
            headers |= {"X_Mailbot_Receipt": seen.receipt, "Reply_To": seen.reply_to}
        if "id as address" in how:  # what was the reply address of notices until Message-IDs became random
            to = f"desk+{message_id.strip('<>').partition('@')[0]}@desk.example"
        else:
            to = seen.reply_to if "reply address" in how else DESK
        header_to = {"Cc": seen.reply_to} if "in cc" in how else {}
        quoted = gmail(seen) if "quote" in how else ""
        sign = ATTACKER if "signed by the attacker" in how else ""
        return said(sends(self.desk, victim, f"{text}{quoted}", sign=sign, to=to, **headers, **header_to))


@pytest.fixture(params=["reject", "quarantine", "none"])
def policy(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def scene(tmp_path: Path, policy: str) -> Iterator[Scene]:
    zones = zones_of({domain: f"v=DMARC1; p={policy}" for domain in ("naxtrade.example", "desk.example")})
    zones.publishes(ATTACKER)
    with strict_desk(tmp_path, zones) as desk:
        yield Scene(desk)


KNOWN = ("thread", "references", "in-reply-to", "subject", "thread, quote", "thread, notice headers",
         "thread, id as address", "thread, in cc", "thread, signed by the attacker")  # fmt: skip
APPLICANT = {"withdraw": "取下げ\n", "correct": CORRECTION, "save": f"一時保存\n{FORM}", "apply": FORM}
REVIEWER = {"approve": "承認\n", "ask": "確認依頼\n理由をお知らせください。\n", "hold": "保留\n", "take": "担当\n"}


def test_no_identifier_makes_a_forgery_act(scene: Scene, policy: str) -> None:
    """T-44, T-47, T-17: 72 forgeries, each with other identifiers."""
    before = scene.state()
    for how in KNOWN:
        outcomes = {name: scene.forges(TARO, text, scene.received, how) for name, text in APPLICANT.items()}
        outcomes |= {name: scene.forges(ICHIRO, text, scene.request, how) for name, text in REVIEWER.items()}
        if policy == "none":
            assert {one.partition(" ")[0] for one in outcomes.values()} <= {"challenged", "quarantined"}, how
        else:
            assert set(outcomes.values()) == {"quarantined dmarc-fail"}, how
        assert scene.state() == before, how
    if policy == "none":
        for person in (scene.taro, scene.ichiro, scene.hanako):
            assert [got.kind for got in person.mails] in ([], ["challenge"] * 3)
    else:
        assert scene.desk.silent()


def test_a_dmarc_failure_beats_the_reply_address_itself(scene: Scene, policy: str) -> None:
    """T-47: under reject or quarantine even the token, leaked, is of no use; a decision needs proof in any case."""
    before = scene.state()
    decisions = {scene.forges(ICHIRO, text, scene.request, "reply address") for text in REVIEWER.values()}
    assert scene.state() == before
    assert all(one.startswith(("challenged", "quarantined")) for one in decisions)
    if policy != "none":
        texts = (*APPLICANT.values(), "ヘルプ\n", "状況\n", "契約内容\n", "様式\n")
        changes = {scene.forges(TARO, text, scene.received, "reply address, thread") for text in texts}
        assert (changes, scene.state()) == ({"quarantined dmarc-fail"}, before)
        assert scene.desk.silent()


@pytest.mark.parametrize("policy", ["none"], indirect=True)
def test_a_challenge_is_confirmed_at_its_reply_address_alone(scene: Scene) -> None:
    """T-44: its Message-ID, which every reply and every relay's log names, confirms nothing."""
    before = scene.state()
    scene.forges(TARO, "取下げ\n", scene.received, "thread")
    question = scene.taro.gets("challenge")
    for how in KNOWN:
        assert scene.forges(TARO, "確認\n", question, how) in (
            "answered challenge-no-token",
            "quarantined too-many-answers",
            "quarantined sender-not-registered",
            "challenged sender-not-proven",  # words without a thread are a question to a person, which need proof
        ), how
    assert scene.state() == before
    scene.taro.forgets()
    assert said(replies(scene.desk, scene.taro, question, "確認", sign="")) == "carried_out confirmed"
    assert scene.desk.application(scene.received.receipt).state is State.WITHDRAWN


def test_a_forged_request_for_help_is_not_answered(scene: Scene, policy: str) -> None:
    """T-66."""
    outcomes = [
        scene.forges(TARO, text, scene.received, "subject") for text in ("ヘルプ\n", "様式\n", "何ですか\n") * 5
    ]
    if policy == "none":
        kinds, settings = [got.kind for got in scene.taro.mails], scene.desk.context.settings
        assert kinds.count("answer") == settings.unproven_answers_per_day
        assert len(kinds) - kinds.count("answer") == kinds.count("challenge") <= settings.challenges_per_day
    else:
        assert set(outcomes) == {"quarantined dmarc-fail"}
        assert scene.desk.silent()


def test_message_ids_tell_nothing(scene: Scene) -> None:
    """T-44: no part of a token, and no two alike."""
    ids = [item.mail.message_id for item in outbox.listing()]
    assert len(set(ids)) == len(ids)
    for item in outbox.listing():
        token = item.mail.envelope_sender.partition("+")[2].partition(".")[0]
        assert token not in item.mail.message_id


def test_a_token_that_was_a_message_id_proves_nothing(scene: Scene, policy: str) -> None:
    """Tokens of before migration 12: the address is still known, and its owner is asked, or must sign."""
    with scene.desk.store.transaction():
        GrantRow.update(disclosed=True).execute()
    before = scene.state()
    outcome = scene.forges(TARO, "取下げ\n", scene.received, "reply address")
    assert outcome == ("challenged sender-not-proven" if policy == "none" else "quarantined dmarc-fail")
    assert scene.state() == before
    assert said(replies(scene.desk, scene.ichiro, scene.request, "承認")) == "carried_out approved"


def test_the_genuine_ones_act(scene: Scene) -> None:
    """The same way, so that the forgeries above are not refused for another reason."""
    assert said(replies(scene.desk, scene.taro, scene.received, CORRECTION)) == "carried_out corrected"
    again = next(got for got in scene.ichiro.mails if got.kind == "review-request")
    assert said(replies(scene.desk, scene.ichiro, again, "承認")) == "carried_out approved"


def test_a_proven_reviewer_without_the_address_gets_a_new_request(scene: Scene) -> None:
    """T-44: the thread tells which application is meant; the token decides."""
    before = scene.state()
    outcome = sends(
        scene.desk, ICHIRO, "承認\n", subject=f"Re: {scene.request.subject}",
        References=str(scene.request.message["Message-ID"]),
    )  # fmt: skip
    assert said(outcome) == "answered no-token"
    assert scene.state() == before
    again = [got for got in scene.ichiro.mails if got.kind == "review-request"][-1]
    assert said(replies(scene.desk, scene.ichiro, again, "承認")) == "carried_out approved"
