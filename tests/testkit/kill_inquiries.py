"""The inquiries among the traffic of a kill trial: a question has a number, which its answer quotes."""

import re
from collections.abc import Iterable, Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage

from mailbot.model.inquiry import InquiryState
from mailbot.records.inquiries import inquiries
from mailbot.records.schema.queue_tables import InboxRow

ANSWER = "ご質問の件は、承認までに二日かかる見込みです。\n"
_IS_MESSAGE = re.compile(rb"^X-Mailbot-Notice: message\r?$", re.MULTILINE)
_NUMBER = re.compile(r"照会第(\d+)号")


def question(number: int) -> str:
    """Words that only a person can answer."""
    return f"費用はいくらかかりますでしょうか（照会第{number}号）。\n"


def lost(acknowledged: Iterable[int], kept: Mapping[int, str], raws: Iterable[bytes]) -> int:
    """How many acknowledged questions are no inquiry, or are one that was answered without a mail to its sender.

    One at which three desks have died is quarantined, and the operators are alerted: it is not lost.
    `acknowledged`: their numbers; `kept`: number of the mail → its Message-ID, which begins with that of the question;
    `raws`: what the relay has got.  In the caller's `Store.reading`.
    """
    found = {_number_of(kept[one.mail_id]): one for one in inquiries.listing()}
    # A decision answers those about its application, without a mail of their own.
    of_no_application = {number: one for number, one in found.items() if one.application_id is None}
    answered = {number for number, one in of_no_application.items() if one.state is InquiryState.ANSWERED}
    told = {number for number, recipient in answers(raws) if recipient.startswith("taro@")}
    with_operators = {_number_of(kept[row.id]) for row in InboxRow.select().where(InboxRow.reason == "kept-failing")}
    return len(set(acknowledged) - set(found) - with_operators) + len(answered - told)


def answered_twice(raws: Iterable[bytes]) -> int:
    """How many answers went to the same person once more, as another notice: a repeated one has the same Message-ID."""
    return sum(len(message_ids) - 1 for message_ids in answers(raws).values())


def answers(raws: Iterable[bytes]) -> dict[tuple[int, str], set[str]]:
    """(number of the question, recipient) → the Message-IDs of its answers."""
    found: dict[tuple[int, str], set[str]] = {}
    for raw in raws:
        if not _IS_MESSAGE.search(raw.partition(b"\r\n\r\n")[0]):
            continue  # most are other notices, which are long
        notice = message_from_bytes(raw, policy=policy.default)
        assert isinstance(notice, EmailMessage)
        part = notice.get_body(("plain",))
        number = _NUMBER.search(str(part.get_content())) if part is not None else None
        assert number is not None, "an answer without its question"
        found.setdefault((int(number[1]), str(notice["To"].addresses[0].addr_spec)), set()).add(notice["Message-ID"])
    return found


def _number_of(message_id: str) -> int:
    return int(message_id.lstrip("<").partition(".")[0])
