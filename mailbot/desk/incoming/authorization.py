"""Who may do what: the facts about a mail's sender, and for each intent what they permit.

The facts come in with the request; this module reads nothing.  Of each row of TABLE the first rule whose facts are all
present applies.
"""

from dataclasses import dataclass
from enum import StrEnum

from mailbot.desk.incoming.request import Intent, Request
from mailbot.model.evidence import Result
from mailbot.model.standing import Standing


class Fact(StrEnum):
    """What is known about a mail and the one who wrote it, by the specification's names."""

    REGISTERED = "registered"  # a contact or 管理責任者; about an application: of its office
    REVIEWER = "reviewer"
    ALIGNED = "aligned"  # DMARC pass by aligned DKIM
    # Aligned, or confirmed by a reply to a challenge about this very mail; or `auth.require = "registered"`.
    PROVEN = "proven"
    TOKEN = "token"  # noqa: S105 - sent to a reply address of this very person, whatever became of it since
    LIVE_TOKEN = "live token"  # noqa: S105 - … neither used nor expired, and known to nobody else
    TOKEN_OF_ANOTHER = "token of another person"  # noqa: S105
    OFFICE_NAMED = "names an office"  # in a form
    WRITTEN_FOR = "is written for an office"  # named anywhere, by somebody who is not registered
    ANSWERS_OURS = "answers ours"  # to the Return-Path, or naming the Message-ID, of a notice to this person: no proof
    FORGED = "dmarc fail"  # the domain asks to refuse mail like this


class Verdict(StrEnum):
    """What may happen now."""

    ALLOWED = "allowed"
    REPLY_NEEDED = "reply needed"  # the person is known, but must reply to the notice itself
    CHALLENGE = "challenge"  # the registered address is asked whether it wrote this
    CHALLENGE_ADMINISTRATOR = "challenge the 管理責任者"  # … the office's, about somebody new
    EXPIRED = "expired"  # the challenge was answered too late, or twice
    QUARANTINE = "quarantine"  # not proven: quarantined and not answered (no backscatter)


@dataclass(frozen=True)
class Authorization:
    """A verdict with the reason code that goes into the log."""

    verdict: Verdict
    reason: str = ""
    alert: bool = False  # whether the operators are alerted


@dataclass(frozen=True)
class Rule:
    """One line of a row: when all of `needs` are there, this is what happens."""

    needs: frozenset[Fact]
    authorization: Authorization


def _rule(*needs: Fact, to: Verdict = Verdict.ALLOWED, reason: str = "", alert: bool = False) -> Rule:
    return Rule(frozenset(needs), Authorization(to, reason, alert))


REGISTERED, REVIEWER, ALIGNED, PROVEN = Fact.REGISTERED, Fact.REVIEWER, Fact.ALIGNED, Fact.PROVEN
TOKEN, LIVE_TOKEN, TOKEN_OF_ANOTHER = Fact.TOKEN, Fact.LIVE_TOKEN, Fact.TOKEN_OF_ANOTHER

ANYBODY = _rule()
STRANGER = _rule(to=Verdict.QUARANTINE, reason="sender-not-registered")
# The operators have a daily list of these, and register whom they know (`quarantine release N --register OFFICE`).
NEWCOMER = _rule(Fact.WRITTEN_FOR, to=Verdict.QUARANTINE, reason="newcomer")
FORGED = _rule(Fact.FORGED, to=Verdict.QUARANTINE, reason="dmarc-fail")
CHALLENGE_SENDER = _rule(REGISTERED, to=Verdict.CHALLENGE, reason="sender-not-proven")
FOREIGN_TOKEN = _rule(TOKEN_OF_ANOTHER, to=Verdict.QUARANTINE, reason="token-of-another-person", alert=True)
# FORGED comes first wherever a person asks for something: a DMARC failure under reject or quarantine beats every token.
OF_AN_APPLICATION = (
    FORGED,
    _rule(REGISTERED, PROVEN),
    _rule(REGISTERED, LIVE_TOKEN),
    CHALLENGE_SENDER,
    FOREIGN_TOKEN,
    NEWCOMER,
    STRANGER,
)

TABLE: dict[Intent, tuple[Rule, ...]] = {
    # Classifying has decided; nothing is asked.
    Intent.QUARANTINE: (ANYBODY,),
    Intent.RECORD: (ANYBODY,),
    # A forged notice of absence would involve the deputy: it must answer a notice of ours to this reviewer.
    Intent.ABSENCE: (_rule(PROVEN, Fact.ANSWERS_OURS), _rule(to=Verdict.QUARANTINE, reason="absence-not-proven")),
    # Help and forms are sent to the registered address only, and counted apart from what its owner asks for.
    Intent.ENQUIRE: (FORGED, _rule(REGISTERED), _rule(REVIEWER), FOREIGN_TOKEN, NEWCOMER, _rule(ALIGNED), STRANGER),
    Intent.ARCHIVE_PASSWORD: (FORGED, _rule(REGISTERED), _rule(REVIEWER), FOREIGN_TOKEN, _rule(ALIGNED), STRANGER),
    Intent.APPLY: (
        FORGED,
        _rule(REGISTERED, PROVEN),
        CHALLENGE_SENDER,
        FOREIGN_TOKEN,
        _rule(Fact.OFFICE_NAMED, ALIGNED, to=Verdict.CHALLENGE_ADMINISTRATOR, reason="new-contact"),
        NEWCOMER,
        STRANGER,
    ),
    Intent.CORRECT: OF_AN_APPLICATION,
    Intent.WITHDRAW: OF_AN_APPLICATION,
    Intent.SAVE: OF_AN_APPLICATION,
    Intent.LOOK_UP: (*OF_AN_APPLICATION[:-1], _rule(REVIEWER), STRANGER),
    # A token that was issued to somebody else decides nothing, and the operators are alerted.
    Intent.DECIDE: (
        FORGED,
        FOREIGN_TOKEN,
        _rule(REVIEWER, PROVEN, TOKEN),
        _rule(REVIEWER, PROVEN, to=Verdict.REPLY_NEEDED, reason="no-token"),
        _rule(REVIEWER, to=Verdict.CHALLENGE, reason="sender-not-proven"),
        _rule(to=Verdict.QUARANTINE, reason="not-a-reviewer"),
    ),
    # What anybody could have forged holds and pauses nothing (desk/inquiries/concerns.py).
    Intent.CONCERN: (
        _rule(REGISTERED),
        FOREIGN_TOKEN,
        _rule(to=Verdict.QUARANTINE, reason="concern-of-stranger", alert=True),
    ),
    Intent.PASS_ON: OF_AN_APPLICATION,
    # Whether it comes in time is told by the inquiry, not by the token: a decision meanwhile makes that void.
    Intent.REPLY: (
        _rule(LIVE_TOKEN),
        _rule(TOKEN, PROVEN),
        _rule(TOKEN, to=Verdict.CHALLENGE, reason="sender-not-proven"),
        FOREIGN_TOKEN,
        STRANGER,
    ),
    # What a line of it does, the author's own mail must prove: a token may have been forwarded with the list.
    Intent.OPERATE: (
        FORGED,
        FOREIGN_TOKEN,
        _rule(TOKEN, PROVEN),
        _rule(TOKEN, to=Verdict.CHALLENGE, reason="sender-not-proven"),
        STRANGER,
    ),
    # The token proves that the challenge was read at the registered address; no further proof is needed.
    Intent.CONFIRM: (
        FORGED,
        _rule(LIVE_TOKEN),
        _rule(TOKEN, to=Verdict.EXPIRED, reason="challenge-expired"),
        FOREIGN_TOKEN,
        _rule(REGISTERED, to=Verdict.REPLY_NEEDED, reason="challenge-no-token"),
        _rule(REVIEWER, to=Verdict.REPLY_NEEDED, reason="challenge-no-token"),
        STRANGER,
    ),
}


def facts_of(request: Request, *, proof_required: bool) -> frozenset[Fact]:
    """The facts that count for this request: about an application, to be registered is to be so for its office."""
    application, sender, evidence = request.application, request.sender, request.item.evidence
    place = sender.registration_at(application.office) if application is not None else None
    standing = request.standing(proof_required=proof_required)
    found = {
        Fact.REGISTERED: place is not None if application is not None else bool(sender.registrations),
        Fact.REVIEWER: sender.reviewer is not None,
        Fact.ALIGNED: evidence.aligned is Result.PASS,
        Fact.PROVEN: standing is Standing.PROVEN,
        Fact.TOKEN: request.has_token,
        Fact.LIVE_TOKEN: request.has_live_token,
        Fact.TOKEN_OF_ANOTHER: request.grant is not None and not request.has_token,
        Fact.OFFICE_NAMED: request.office is not None,
        Fact.WRITTEN_FOR: request.written_for is not None,
        Fact.ANSWERS_OURS: request.answers_notice,
        Fact.FORGED: standing is Standing.FORGED,
    }
    return frozenset(fact for fact, there in found.items() if there)


def authorize(request: Request, *, proof_required: bool) -> Authorization:
    """Whether `request` may be carried out.

    `proof_required`: whether a From header must be proven to be believed.
    """
    facts = facts_of(request, proof_required=proof_required)
    return next(rule.authorization for rule in TABLE[request.intent] if rule.needs <= facts)


def evidence_in_words(request: Request) -> tuple[str, ...]:
    """The facts about the sender, one a line, for the log and for `explain`."""
    facts = facts_of(request, proof_required=True)
    evidence = request.item.evidence
    known = Fact.REGISTERED in facts or Fact.REVIEWER in facts
    token = "yes" if TOKEN in facts else "of another person" if TOKEN_OF_ANOTHER in facts else "no"
    return (
        f"registered: {'yes' if known else 'no'} ({request.sender.role.value})",
        f"standing: {request.standing(proof_required=True).value}",
        f"aligned: {evidence.aligned.value}{' (confirmed by a reply)' if evidence.confirmed else ''}",
        f"token: {token}",
        f"SPF: {evidence.spf.value}, DMARC: {evidence.dmarc.value}",
        f"client: {evidence.peer or 'unknown'} ({'TLS' if evidence.tls else 'no TLS'})",
        *evidence.details,
    )
