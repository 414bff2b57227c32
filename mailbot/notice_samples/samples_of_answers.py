"""Samples of every answer, by the name of its topic (and what is particular, after a dot)."""

from collections.abc import Mapping
from dataclasses import replace

from mailbot.model.lifecycle import Event, State
from mailbot.model.people import Language, Role
from mailbot.notice_samples.samples import (
    ASKED,
    COMPLETED,
    CONTACT,
    DRAFT,
    FORM,
    FORM_EN,
    ICHIRO,
    PROBLEMS,
    PROCEDURE,
    RECEIVED,
    STEPS,
    SUBMITTED,
    TARO,
    WITHDRAWN,
    Sample,
    case,
    contact,
    operator,
    reviewer,
)
from mailbot.notices.contents.answers import Alert, Answer

_READ: Mapping[str, object] = {"read": ["お世話になっております。", "先日の件はいかがでしょうか。"], "more": 2}


def answers(lang: Language) -> dict[str, Sample]:
    return _to_applicants(lang) | _to_reviewers(lang) | _to_operators(lang)


def _to_applicants(lang: Language) -> dict[str, Sample]:
    to = contact(lang)
    plain = replace(to, role=Role.NOBODY, name="", department="")
    form = FORM if lang is Language.JA else FORM_EN
    offer: Mapping[str, object] = {"form": form, "titles": {"password_reset": PROCEDURE.titles}, **_READ}
    return {
        "help": Sample(Answer(topic="help", params=offer), to),
        "form": Sample(Answer(topic="form", params=offer), to),
        "no_form": Sample(Answer(topic="no_form", params=offer), to),
        "no_form.stranger": Sample(Answer(topic="no_form", params={**offer, "form": ""}), plain),
        "no_form.files": Sample(Answer(topic="no_form", params={"form": form, "files": ("写真.jpg",)}), to),
        "no_text": Sample(Answer(topic="no_text", params=offer), to),
        "withdrawal_meant": Sample(Answer(topic="withdrawal_meant", params=_READ, case=case(RECEIVED)), to),
        "command_in_doubt": Sample(
            Answer(
                topic="command_in_doubt",
                params={**_READ, "possible": (Event.CORRECT, Event.WITHDRAW)},
                case=case(RECEIVED),
            ),
            to,
        ),
        "several_keywords": Sample(Answer(topic="several_keywords", params={"read": "取下げ / 修正"}), to),
        "status": Sample(Answer(topic="status", params={"cases": [case(ASKED), case(COMPLETED), case(DRAFT)]}), to),
        "status.none": Sample(Answer(topic="status", params={"cases": []}), to),
        "empty_correction": Sample(Answer(topic="empty_correction"), to),
        "unknown_application": Sample(Answer(topic="unknown_application"), to),
        "not_possible": Sample(
            Answer(
                topic="not_possible",
                params={"event": Event.WITHDRAW, "state": State.COMPLETED, "possible": ()},
                case=case(COMPLETED),
            ),
            to,
        ),
        "not_possible.draft": Sample(
            Answer(
                topic="not_possible",
                params={
                    "event": Event.CORRECT,
                    "state": State.DRAFT,
                    "possible": (Event.SAVE, Event.SUBMIT, Event.WITHDRAW),
                },
                case=case(DRAFT),
            ),
            to,
        ),
        "arrived": Sample(Answer(topic="arrived", params={"notice": "パスワード初期化の申込"}), to),
    }


def _to_reviewers(lang: Language) -> dict[str, Sample]:
    judge = reviewer(lang)
    return {
        "several_keywords.reviewer": Sample(Answer(topic="several_keywords", params=_READ, case=case(RECEIVED)), judge),
        "not_possible.reviewer": Sample(
            Answer(
                topic="not_possible",
                params={"event": Event.HOLD, "state": State.NEEDS_CONFIRMATION, "possible": (Event.ASK, Event.APPROVE)},
                case=case(ASKED),
            ),
            judge,
        ),
        "reply_expired": Sample(Answer(topic="reply_expired", case=case(RECEIVED)), judge),
        "reviewer_help": Sample(Answer(topic="reviewer_help"), judge),
        "review_status": Sample(Answer(topic="review_status", case=case(ASKED)), judge),
        "reviewer_not_understood": Sample(
            Answer(topic="reviewer_not_understood", params=_READ, case=case(RECEIVED)), judge
        ),
        "decision_meant": Sample(
            Answer(
                topic="decision_meant",
                params={"read": "本件、承認でお願いします", "meant": "approve"},
                case=case(RECEIVED),
            ),
            judge,
        ),
        "decision_meant.words": Sample(
            Answer(
                topic="decision_meant",
                params={"read": "差戻し：理由が不足しています", "meant": "ask", "words": "理由が不足しています"},
                case=case(RECEIVED),
            ),
            judge,
        ),
        "keyword_in_doubt": Sample(Answer(topic="keyword_in_doubt", params=_READ, case=case(RECEIVED)), judge),
        "digest_line": Sample(
            Answer(
                topic="digest_line",
                params={"receipt": "2600001C", "read": "2600001C 承認でお願いします"},
                case=case(RECEIVED),
            ),
            judge,
        ),
        "digest_line.unlisted": Sample(
            Answer(topic="digest_line", params={"receipt": "2600009C", "read": "2600009C 承認でお願いします"}), judge
        ),
        "unclear_keyword": Sample(Answer(topic="unclear_keyword", params=_READ, case=case(RECEIVED)), judge),
        "empty_words": Sample(Answer(topic="empty_words", case=case(RECEIVED)), judge),
        "superseded": Sample(Answer(topic="superseded", case=case(replace(RECEIVED, steps=STEPS))), judge),
        "superseded.taken_back": Sample(
            Answer(topic="superseded", case=case(RECEIVED), params={"event": Event.REOPEN}), judge
        ),
        "already_decided": Sample(
            Answer(
                topic="already_decided",
                params={"by": ICHIRO, "at": SUBMITTED, "event": Event.APPROVE},
                case=case(COMPLETED),
            ),
            judge,
        ),
        "already_decided.withdrawn": Sample(
            Answer(
                topic="already_decided",
                params={"by": TARO, "at": SUBMITTED, "event": Event.WITHDRAW},
                case=case(WITHDRAWN),
            ),
            judge,
        ),
        "no_token": Sample(Answer(topic="no_token", params=_READ), judge),
        "own_application": Sample(Answer(topic="own_application", case=case(RECEIVED)), judge),
        "not_your_category": Sample(Answer(topic="not_your_category", case=case(RECEIVED)), judge),
        "checks_failed": Sample(
            Answer(topic="checks_failed", params={"findings": PROBLEMS[:1]}, case=case(RECEIVED)), judge
        ),
    }


def _to_operators(lang: Language) -> dict[str, Sample]:
    to = operator(lang)
    return {
        "checks_found": Sample(
            Alert(
                topic="checks_found",
                params={"lines": ["the relay relay.example:25 does not answer (timed out). Check relay.host"]},
            ),
            to,
        ),
        "no_reviewer": Sample(
            Alert(topic="no_reviewer", case=case(RECEIVED)),
            to,
        ),
        "undelivered": Sample(
            Alert(
                topic="undelivered",
                params={
                    "recipient": "taro@naxtrade.example",
                    "notice": "【受付完了】パスワード初期化の申込を受け付けました [2600001C]",
                    "receipt": "2600001C",
                    "server_answer": "550 5.1.1 No such user",
                    "outbox_id": 12,
                },
            ),
            to,
        ),
        "mail_postponed": Sample(
            Alert(
                topic="mail_postponed",
                params={
                    "reason": "mailbot/desk/cases/case.py:19",
                    "server_answer": "Permanent: office NAC001 is not in the register; import it again",
                    "inbox_id": 12,
                },
            ),
            to,
        ),
        "notice_held": Sample(
            Alert(
                topic="notice_held",
                params={
                    "reason": "templates/notices/received.ja.j2:12",
                    "server_answer": "UndefinedError: 'cas' is undefined",
                    "notice": "received",
                },
            ),
            to,
        ),
        "alert": Sample(
            Alert(topic="alert", params={"reason": "token-of-another-person", "sender": "x@y.example", "inbox_id": 12}),
            to,
        ),
        "alert.quarantined": Sample(
            Alert(
                topic="alert",
                params={"reason": "absence-subject", "sender": CONTACT.email, "inbox_id": 12, **_READ},
            ),
            to,
        ),
    }
