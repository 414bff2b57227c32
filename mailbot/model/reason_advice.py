"""What an operator does about a row of the mail log, by its reason code; docs/reference/reasons.md shows it."""

from mailbot.model.queued_mail import Disposition
from mailbot.model.reasons import REASONS

# Of every reason that has no advice of its own
_BY_DISPOSITION = {
    Disposition.CARRIED_OUT: "Nothing.",
    Disposition.PASSED_ON: "See that somebody answers: `mailbot inquiries list`.",
    Disposition.CHALLENGED: "Nothing: the reply to the challenge decides. Often for one office: ask its mail "
    "administrators to sign with DKIM (docs/how-to/senders.md).",
    Disposition.ANSWERED: "Nothing: the answer says what is missing.",
    Disposition.QUARANTINED: "Read it: `mailbot quarantine show ID`. Release it if it is meant for the desk, else "
    "discard it.",
    Disposition.WAITING: "Nothing: it is carried out later.",
    Disposition.RECORDED: "Nothing.",
    Disposition.RELEASED: "Nothing.",
    Disposition.DISCARDED: "Nothing.",
    Disposition.REFUSED: "Nothing: the sender's server returned it with the reason.",
}
_ASK_SENDER_TO_WRITE_SIMPLY = (
    "Ask the sender to write a new mail with the form as text. Nothing was read of this one; release cannot help."
)
_ROBOT = "Nothing, if a program wrote it. If a person did, release it and tell the person what marks the mail."
_NO_ADDRESS = "Nothing: no honest mail program writes this. Often: see the raw mail for what wrote it."
_BY_CODE = {
    "challenge-denied": "Tell the office: somebody wrote in its name. Look for other mails from the same server.",
    "concern": "Read it now. The application is on hold and the log-in paused until you act.",
    "concern-not-proven": "Read it now, and telephone the office by the number in the register.",
    "concern-of-stranger": "Read it now: a stranger may report a leak. Answer from your own mailbox.",
    "no-form": "Nothing. Often for one person: see what the mails look like (`mailbot log show`), and send the form.",
    "incomplete": "Nothing. Often for one field: its label or example may mislead; change the wording.",
    "unclear-keyword": "Ask the reviewer to type the keyword in a new reply, as plain text.",
    "no-token": "Nothing: the review request was sent anew. Often: the reviewer's program drops Reply-To.",
    "checks-failed": "Nothing, if the reviewer reads the answer: the contract has changed since the application.",
    "not-your-category": "Correct the reviewer's categories in the register, if they are wrong.",
    "sender-not-registered": "If the person belongs to an office: add the address to the register, then release "
    "the mail.",
    "newcomer": "Reply `#ID 登録して処理` to the daily list if the office confirms the person, else discard it.",
    "not-an-operator": "If the person should act: add the address to `desk.admin`, and ask for a new reply.",
    "not-a-reviewer": "If the person reviews: add a `[[reviewer]]` to the register, and ask for a new reply.",
    "token-of-another-person": "Ask both people: the notice was forwarded, or its reply address is in other hands.",
    "dmarc-fail": "Nothing, if it is forged. If the office wrote it: its mail administrators must repair DKIM or "
    "forwarding.",
    "absence-not-proven": "If the reviewer is away: say so in the register, so that the deputy is asked.",
    "too-many-challenges": "Ask the person by telephone whether the mails are theirs; release them if so.",
    "too-many-answers": "Look for a loop between two programs, or for a person who needs help by telephone.",
    "for-postmaster": "Read it: it is about the mail system itself. Answer from your own mailbox.",
    "at-in-display-name": "Release it if the address behind the name is the right one; ask the person to correct the "
    "name.",
    "surprise": "Read the traceback (`mailbot quarantine show ID`): it is a fault of the program. Report it "
    "with the mail.",
    "kept-failing": "Do not release it: it would fail again. Ask for a simpler mail; raise a limit of `[worker]` if "
    "it is honest.",
    "parse-error": "Report it with the mail: the program should read any mail. Ask the sender for a simpler one.",
    "too-many-hops": "Look for a loop: the Received header fields of the raw mail name its machines.",
    "own-notice": "Look for a forwarding rule that sends the desk's notices back to the desk.",
    "bounce": "Correct the address in the register, then `mailbot outbox retry`; `mailbot outbox list` has the reason.",
    "reviewer-absent": "Nothing. Often, or for long: enter the deputy in the register.",
    "too-many-changes": "Raise `desk.changes_per_day` if the office has that much to do.",
    "passed-on-above-limit": "Read it: `mailbot inquiries list`. Release it after you have helped the person.",
    "too-large": "Ask the sender to leave out attachments, or raise `smtp.max_message_bytes` here and in Postfix.",
    "not-ours": "Nothing, unless the address should be the desk's: check `desk.address` and the routes of Postfix.",
    "bad-token": "Nothing. Often from one office: its mail system changes addresses; see the raw address in the "
    "detail.",
    **dict.fromkeys(
        (
            "header-too-large",
            "too-many-headers",
            "header-too-complex",
            "boundary-too-long",
            "too-deep",
            "too-many-parts",
            "too-many-lines",
        ),
        _ASK_SENDER_TO_WRITE_SIMPLY,
    ),
    **dict.fromkeys(
        (
            "auto-submitted",
            "precedence",
            "autoreply-header",
            "list-header",
            "x-loop",
            "robot-address",
            "absence-subject",
            "absence-text",
            "bounce-subject",
            "null-return-path",
            "delivery-report",
            "at-return-path",
        ),
        _ROBOT,
    ),
    **dict.fromkeys(("no-from", "two-from-headers", "two-from-addresses", "from-syntax"), _NO_ADDRESS),
}


def advice(code: str) -> str:
    """What to do about a mail with that reason code.  Raises KeyError for an unknown one."""
    return _BY_CODE.get(code) or _BY_DISPOSITION[REASONS[code].disposition]


def unknown_codes() -> set[str]:
    """Codes with an advice that no mail can have."""
    return set(_BY_CODE) - set(REASONS)
