"""Evidence + role → may this mail do what it asks?  (specification of security, «Who may do what»)

The facts come in with the request; this file only judges.  `aligned` (DMARC by aligned DKIM) is a fact that the
door supplies; while the desk runs with `auth.require = "registered"` its absence is not held against a mail, and
start-up and `doctor` say loudly that senders are not authenticated.
"""

from dataclasses import dataclass
from enum import StrEnum

from mailbot.desk.request import Ask, Request
from mailbot.model.evidence import Result


class Verdict(StrEnum):
    """What may happen now."""

    PROVEN = "proven"
    TOLD = "told"  # the person is known, but must reply to the notice itself
    SET_ASIDE = "set_aside"  # not proven, not answered: kept for an operator (no backscatter)


@dataclass(frozen=True)
class Judgement:
    """A verdict with the reason code that goes into the log."""

    verdict: Verdict
    reason: str = ""
    alert: bool = False  # whether the operator is to be told


@dataclass(frozen=True)
class Facts:
    """The evidence of one request, each fact by the name the specification gives it."""

    registered: bool
    aligned: bool
    token: bool  # issued to this very person, whatever became of it since
    live_token: bool  # … and neither expired nor void
    reviewer: bool
    stranger_with_token: bool
    answers_ours: bool  # it came to the Return-Path, or names the Message-ID, of a notice to this very person


def facts_of(request: Request) -> Facts:
    """The facts that count for this request: about an application, to be registered is to be so for its office."""
    application, sender = request.application, request.sender
    place = sender.registration_at(application.office) if application is not None else None
    return Facts(
        registered=place is not None if application is not None else bool(sender.registrations),
        aligned=request.item.evidence.aligned is Result.PASS,
        token=request.has_token,
        live_token=request.has_live_token,
        reviewer=request.sender.reviewer is not None,
        stranger_with_token=request.grant is not None and not request.has_token,
        answers_ours=request.bounced is not None,
    )


PROVEN = Judgement(Verdict.PROVEN)


def judge(request: Request, *, proof_required: bool) -> Judgement:
    """Whether `request` may be carried out.

    `proof_required`: whether a From header must be proven (`aligned`) to be believed.
    """
    facts = facts_of(request)
    if facts.stranger_with_token and not facts.registered and not facts.reviewer:
        return Judgement(Verdict.SET_ASIDE, "token-of-another-person", alert=True)
    believed = facts.aligned or not proof_required
    match request.ask:
        case Ask.SET_ASIDE | Ask.RECORD:
            return PROVEN  # the sorting has decided; no person's word is needed
        case Ask.ABSENCE:
            # Who could pretend it would call in the deputy: the notice must answer one of ours to this reviewer.
            return PROVEN if believed and facts.answers_ours else Judgement(Verdict.SET_ASIDE, request.reason)
        case Ask.ENQUIRE | Ask.ARCHIVE_PASSWORD:
            known = facts.registered or facts.reviewer or facts.aligned
            return PROVEN if known else Judgement(Verdict.SET_ASIDE, "sender-not-registered")
        case Ask.APPLY:
            return _need(facts.registered, believed)
        case Ask.CORRECT | Ask.WITHDRAW | Ask.SAVE:
            return _need(facts.registered, believed or facts.live_token)
        case Ask.DECIDE:
            return _decide(facts, believed)


def _need(registered: bool, proven: bool) -> Judgement:
    if not registered:
        return Judgement(Verdict.SET_ASIDE, "sender-not-registered")
    return PROVEN if proven else Judgement(Verdict.SET_ASIDE, "sender-not-proven")


def _decide(facts: Facts, believed: bool) -> Judgement:
    """approve, ask, hold: reviewer + aligned + a token of that application, issued to this very reviewer."""
    if not facts.reviewer:
        return Judgement(Verdict.SET_ASIDE, "not-a-reviewer", alert=facts.stranger_with_token)
    if facts.stranger_with_token:
        return Judgement(Verdict.SET_ASIDE, "token-of-another-person", alert=True)
    if not believed:
        return Judgement(Verdict.SET_ASIDE, "sender-not-proven")
    return PROVEN if facts.token else Judgement(Verdict.TOLD, "no-token")


def evidence_in_words(request: Request) -> tuple[str, ...]:
    """The facts about the sender, one a line, for the log and for `explain`."""
    facts = facts_of(request)
    evidence = request.item.evidence
    return (
        f"registered: {'yes' if facts.registered or facts.reviewer else 'no'} ({request.sender.role.value})",
        f"aligned: {evidence.aligned.value}",
        f"token: {'yes' if facts.token else 'of another person' if facts.stranger_with_token else 'no'}",
        f"client: {evidence.peer or 'unknown'} ({'TLS' if evidence.tls else 'no TLS'})",
        *evidence.details,
    )
