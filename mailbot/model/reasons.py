"""The reason codes of incoming mail: one row for each code that can stand in the mail log beside its disposition.

docs/reference/reasons.md derives from REASONS.  Operators filter the log by these codes, so none is ever renamed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mailbot.model.lifecycle import EVENTS
from mailbot.model.queued_mail import Disposition

ANSWERED, CHALLENGED, RECORDED = Disposition.ANSWERED, Disposition.CHALLENGED, Disposition.RECORDED
WAITING = Disposition.WAITING
CARRIED_OUT, QUARANTINED, REFUSED = Disposition.CARRIED_OUT, Disposition.QUARANTINED, Disposition.REFUSED
RELEASED, DISCARDED = Disposition.RELEASED, Disposition.DISCARDED
ABOVE_LIMIT = "passed-on-above-limit"  # such a mail can be released like a quarantined one while nobody has answered it


@dataclass(frozen=True)
class Reason:
    """What `code` beside `disposition` says, as one English sentence."""

    code: str
    disposition: Disposition
    meaning: str


def _events() -> Iterator[Reason]:
    """The events that a mail causes."""
    return (Reason(rule.reason, CARRIED_OUT, rule.meaning) for rule in EVENTS.values() if rule.reason)


def _rows(disposition: Disposition, meanings: dict[str, str]) -> Iterator[Reason]:
    return (Reason(code, disposition, meaning) for code, meaning in meanings.items())


_CARRIED_OUT = {
    "confirmed": "The registered author answered a challenge with yes, and the mail in question is processed.",
    "challenge-denied": "The registered author answered a challenge with no; operators are alerted.",
    "inquiry-answered": "A person has answered an inquiry; the words were sent to the one who wrote.",
    "inquiry-closed": "A person has closed an inquiry without an answer (済).",
    "list-carried-out": "An operator has replied to the daily list, and at least one line was carried out.",
}
_PASSED_ON = {
    "passed-on": "No form, keyword or command was found in the words; a person answers them.",
    ABOVE_LIMIT: "The author has had the most answers of an hour or a day; a person reads the mails now.",
    "concern": "The author reports something that is not theirs, or a leak; operators and reviewers are told at once.",
    "concern-not-proven": "A concern whose author is not proven; operators are told, and nothing is held or paused.",
}
_CHALLENGED = {
    "sender-not-proven": "The author is registered and no aligned DKIM signature or token proves it.",
    "new-contact": "A new author of a proven domain names an office; its 管理責任者 is asked.",
}
_ANSWERED_APPLICANT = {
    "saved": "The form was stored as a draft, as the author asked (一時保存).",
    "incomplete": "The form has problems and was sent back with all of them; it is stored, not submitted.",
    "no-form": "No form and no command was found in the mail.",
    "no-text": "The mail has no text.",
    "several-keywords": "The mail contains keywords of different kinds.",
    "withdrawal-meant": "A sentence means a withdrawal, or it may be quoted; the author is asked for 取下げ.",
    "command-in-doubt": "A command stands below what may be a quote; the author is asked.",
    "empty-correction": "The correction changes no field.",
    "unknown-application": "It is not clear which application the mail is about.",
    "not-possible": "The state of the application does not allow what was asked.",
    "which-form": "It is not clear which procedure the form is of.",
    "which-application": "The office has several applications with such a document; the answer lists them.",
    "help": "The author asked for help.",
    "form": "The author asked for an empty form.",
    "example": "The author asked for filled-in examples of a form (記載例).",
    "schedule": "The author asked for the schedule of start days (スケジュール).",
    "registration": "The author asked how a registered address or telephone number is changed; none was.",
    "office-password": "The author asked what to do when the 事業所パスワード is forgotten; it was not changed.",
    "status": "The author asked for the progress of the applications.",
    "contract": "The author asked for the content of the contract.",
    "news": "The author asked for the latest news.",
    "paper-application-form": "The 申込書 was sent as a PDF.",
    "paper-approval": "The 承認通知 was sent as a PDF.",
    "no-paper-yet": "The document does not exist in the present state of the application.",
    "archive-password": "The mail brings the password of an encrypted archive; its text is not stored.",
    "challenge-unclear": "The reply to a challenge says neither yes nor no.",
    "challenge-no-token": "The answer to a challenge came to another address than the reply address of the challenge.",
    "challenge-expired": "The challenge was answered after its end, or a second time.",
}
_ANSWERED_REVIEWER = {
    "reviewer-help": "The reviewer asked for help.",
    "review-status": "The reviewer asked for the state of the application.",
    "reviewer-not-understood": "The reviewer's reply contains no keyword.",
    "unclear-keyword": "The keyword contains invisible characters, or the HTML part shows another one.",
    "decision-meant": "A sentence means a decision; the reviewer is asked for the keyword.",
    "keyword-in-doubt": "The keyword stands below what may be a quote, or beside words that nothing is decided yet.",
    "digest-line": "A line of a reply to the digest names an application and decides nothing.",
    "digest-not-understood": "No line of a reply to the digest names an application.",
    "no-token": "The reviewer's mail was not sent to the reply address of a review request, which is sent anew.",
    "empty-words": "A 確認依頼 needs words for the applicant and has none.",
    "superseded": "The content has changed since the review request; a new one is sent while the review is open.",
    "list-not-understood": "No line of a reply to the daily list could be carried out; each is answered.",
    "list-expired": "The token of the daily list has expired; the operator is told to reply to a later one.",
    "inquiry-empty": "The reply to an inquiry contains nothing but quoted text.",
    "inquiry-done-before": "Somebody else has answered or closed the inquiry before.",
    "already-decided": "The application was decided, withdrawn or lapsed before; the answer says when and by whom.",
    "reply-expired": "The token of the review request has expired.",
    "not-your-category": "The reviewer does not review applications of this category.",
    "own-application": "Nobody approves or questions their own application.",
    "second-reviewer": "Two reviewers must approve, and this one has approved already.",
    "checks-failed": "The rules, applied again at the approval, found problems.",
}
_QUARANTINED_SENDER = {
    "sender-not-registered": "The author is not in the register.",
    "newcomer": "The author is not in the register, and the mail names an office; the operators' daily list has it.",
    "not-an-operator": "A reply to the daily list by somebody who has left `desk.operators`; operators are alerted.",
    "not-a-reviewer": "A reply to a review request by somebody who is not a reviewer.",
    "token-of-another-person": "The token was issued to somebody else; operators are alerted.",
    "dmarc-fail": "DMARC fails, and the domain's policy is quarantine or reject.",
    "absence-not-proven": "A notice of absence that does not answer one of our notices, or is not proven.",
    "too-many-challenges": "The person to be challenged has had the most challenges of a day; operators are alerted.",
    "too-many-answers": "An author who is not registered or proven has had the most answers; operators are alerted.",
    "concern-of-stranger": "An author who is not registered reports a concern; operators are alerted.",
    "no-from": "There is no From header field.",
    "two-from-headers": "There is more than one From header field.",
    "two-from-addresses": "The From header field contains more than one address.",
    "from-syntax": "The From header field is not of RFC 5322 syntax.",
    "at-in-display-name": "The display name of the author contains another address.",
}
_QUARANTINED_POSTMASTER = {
    "for-postmaster": "The mail came to postmaster (RFC 5321 section 4.5.1); the operators are alerted.",
}
_QUARANTINED_AUTOMATIC = {
    "auto-submitted": "Auto-Submitted says that no person wrote the mail (RFC 3834).",
    "calendar-reply": "An answer to an invitation (text/calendar) without text.",
    "precedence": "Precedence is bulk, junk, list or auto_reply.",
    "autoreply-header": "A header field such as X-Autoreply marks an automatic reply.",
    "list-header": "A List-* header field marks a mailing list.",
    "x-loop": "There is an X-Loop header field.",
    "robot-address": "The author's address is one of a program, such as mailer-daemon or no-reply.",
    "absence-subject": "The subject is one of an automatic reply.",
    "absence-text": "The first lines of the text are those of an automatic reply.",
    "bounce-subject": "The subject is one of a delivery report.",
    "own-notice": "The mail is one of our own notices.",
    "too-many-hops": "There are more than 50 Received header fields, as in a mail loop.",
    "null-return-path": "The reverse-path is null, and the mail is a report about none of our notices.",
    "delivery-report": "A multipart/report about none of our notices.",
    "at-return-path": "An automatic reply came to the return path of one of our notices.",
}
_QUARANTINED_UNREADABLE = {
    "header-too-large": "The header block is larger than 128 KiB.",
    "too-many-headers": "There are more than 1,000 header fields.",
    "header-too-complex": "A MIME header field is too long or has too many parameters.",
    "boundary-too-long": "A MIME boundary is too long.",
    "too-deep": "The MIME parts are nested too deeply.",
    "too-many-parts": "There are too many MIME parts.",
    "too-many-lines": "The mail has too many lines.",
    "parse-error": "The MIME parser raised an exception.",
    "surprise": "Processing the mail raised an unexpected exception; operators are alerted.",
    "kept-failing": "Processing the mail exceeded a limit, or ended the process several times; operators are alerted.",
}
_WAITING = {
    "too-many-changes": "The sender has changed the most applications of a day; the mail is carried out later.",
}
_RECORDED = {
    "duplicate": "The same mail was processed before.",
    "signature-used": "A mail with the same DKIM signature was acted on before; it was sent again.",
    "bounce": "A delivery report about one of our notices.",
    "courtesy": "A mere thank-you or 承知しました; it needs no answer.",
    "automatic-reply": "An automatic reply at the Return-Path of a notice; it is recorded with the notice.",
    "reviewer-absent": "A notice of absence of a reviewer; the deputy is asked.",
}
_RELEASED = {"released-by-operator": "An operator put the quarantined mail back into the inbox."}
_DISCARDED = {"discarded-by-operator": "An operator discarded the quarantined mail, for a reason in words."}
_REFUSED = {
    "too-large": "The mail is larger than the limit; over IMAP it stays in the mailbox.",
    "line-too-long": "A line of the mail is longer than 100,000 octets.",
    "bad-address": "The address in MAIL or RCPT is not of RFC 5321 syntax.",
    "bad-sender": "The reverse-path is not a usable address.",
    "not-ours": "The recipient is not an address of the desk.",
    "bad-token": "The recipient contains a token with a wrong MAC.",
    "bare-line-break": "The mail contains CR or LF alone, or NUL.",
}

_ALL = (
    *_events(),
    *_rows(CARRIED_OUT, _CARRIED_OUT),
    *_rows(Disposition.PASSED_ON, _PASSED_ON),
    *_rows(CHALLENGED, _CHALLENGED),
    *_rows(ANSWERED, _ANSWERED_APPLICANT),
    *_rows(ANSWERED, _ANSWERED_REVIEWER),
    *_rows(QUARANTINED, _QUARANTINED_SENDER),
    *_rows(QUARANTINED, _QUARANTINED_POSTMASTER),
    *_rows(QUARANTINED, _QUARANTINED_AUTOMATIC),
    *_rows(QUARANTINED, _QUARANTINED_UNREADABLE),
    *_rows(WAITING, _WAITING),
    *_rows(RECORDED, _RECORDED),
    *_rows(RELEASED, _RELEASED),
    *_rows(DISCARDED, _DISCARDED),
    *_rows(REFUSED, _REFUSED),
)
# Answers to these count towards the limits on answers (`desk.answers_per_hour`, `desk.answers_per_day`).
NOT_UNDERSTOOD = frozenset(
    {
        *("passed-on", ABOVE_LIMIT, "no-form", "no-text", "several-keywords", "unknown-application"),
        *("which-form", "challenge-unclear", "challenge-expired", "inquiry-empty"),
        *("reviewer-not-understood", "unclear-keyword", "digest-not-understood", "no-token", "inquiry-done-before"),
        *("list-not-understood", "list-expired"),
    }
)
# A mail of a known person with one of these was quarantined unread.
NOT_READ = frozenset(_QUARANTINED_UNREADABLE)
REASONS: dict[str, Reason] = {reason.code: reason for reason in _ALL}


def is_known(disposition: str, code: str) -> bool:
    """Whether `code` can stand beside `disposition` in the mail log."""
    return code in REASONS and REASONS[code].disposition == disposition
