"""Detection of automatic mail: bounces, auto-replies, list mail and loops, which are never answered (RFC 3834)."""

import re
from dataclasses import dataclass

from mailbot.mail.message import Message
from mailbot.model.queued_mail import Envelope
from mailbot.text import nfkc

MOST_HOPS = 50  # Received fields; more are taken for a mail loop (RFC 5321 §6.3)
_AUTOREPLY_HEADERS = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autoresponder", "x-mail-autoreply")
_LIST_HEADERS = ("list-id", "list-post", "list-unsubscribe", "mailing-list", "x-mailing-list")
_SYSTEM_ADDRESSES = re.compile(r"^(?:mailer-daemon|post_?master|mail-daemon|no-?reply|do-?not-?reply)@", re.I)
# Subjects of vacation programs.  Anchored, because the Subject of an application may mention an absence.
_ABSENCE_SUBJECT = re.compile(
    r"^(?:【?(?:自動応答|自動返信|自動送信|不在通知|不在のお知らせ|不在連絡|休暇中|休暇のお知らせ)】?"
    r"|out of (?:the )?office|automatic reply|auto(?:matic)?[- ]?(?:reply|response)|on vacation|away from)",
    re.I,
)
# Subjects of bounces that have neither a null reverse-path nor RFC 3464 structure.
_BOUNCE_SUBJECT = re.compile(
    r"^(?:undeliver(?:able|ed)\b|returned mail\b|mail delivery (?:failed|failure|problem|subsystem|warning)"
    r"|failure notice|delivery (?:status|failure|notification)\b|mail system error|non-delivery"
    r"|(?:配信不能|配信エラー|送信エラー|メール(?:が|を)?(?:配信|送信)(?:できません|エラー)|宛先不明))",
    re.I,
)
_ABSENCE_TEXT = re.compile(
    r"(?:このメールは(?:システムによる)?自動(?:応答|返信|送信)|自動(?:応答|返信)(?:メール|メッセージ)です|自動で返信して"
    r"|(?:ただ今|現在|本日|\d{1,2}[月/]\d{1,2}日?(?:\([^)]\))?(?:から|より|～|まで)).{0,40}(?:不在|休暇|休業)(?:に|と|を|中|し|の)"
    r"|i am (?:currently )?(?:out of (?:the )?office|away|on (?:vacation|leave)))",
    re.I,
)

# For mails that are known to be automatic; too weak to distinguish them from a person's.
_ABSENT = re.compile(r"不在|休暇|休業|出張|out of (?:the )?office|vacation|annual leave|away from", re.I)


@dataclass(frozen=True)
class Automatic:
    """The kind of an automatic mail and the criterion.  `kind`: bounce | auto-reply | list | own | loop."""

    kind: str
    reason: str  # reason code


def detect_automatic(message: Message, envelope: Envelope) -> Automatic | None:
    """The kind of an automatic mail, None when a person may have written it."""
    headers = message.headers
    if len(headers.get("received", ())) > MOST_HOPS:
        return Automatic("loop", "too-many-hops")
    if "x-mailbot-notice" in headers:
        return Automatic("own", "own-notice")
    if message.content_type == "multipart/report":
        return Automatic("bounce", "delivery-report")
    if envelope.sender == "" or headers.get("return-path", ("",))[0].strip() == "<>":
        return Automatic("auto-reply" if is_absence_notice(message) else "bounce", "null-return-path")
    return _by_headers(message) or _by_words(message)


def is_absence_notice(message: Message) -> bool:
    """Whether an automatic mail is an absence notice of its author; False for a bounce."""
    if _SYSTEM_ADDRESSES.match(message.author.address) or _BOUNCE_SUBJECT.match(nfkc(message.subject).strip()):
        return False
    first = [line for line in message.text[:4000].split("\n") if line.strip() and not line.startswith(">")][:10]
    return _ABSENT.search(nfkc("\n".join((message.subject, *first)))) is not None


def _by_headers(message: Message) -> Automatic | None:
    headers = message.headers
    submitted = headers.get("auto-submitted", ("no",))[0].partition(";")[0].strip().lower()
    if submitted != "no":
        return Automatic("auto-reply", "auto-submitted")
    precedence = headers.get("precedence", ("",))[0].strip().lower()
    if precedence in ("bulk", "junk", "list", "auto_reply"):
        return Automatic("list" if precedence == "list" else "auto-reply", "precedence")
    if any(name in headers for name in _AUTOREPLY_HEADERS):
        return Automatic("auto-reply", "autoreply-header")
    if any(name in headers for name in _LIST_HEADERS):
        return Automatic("list", "list-header")
    if "x-loop" in headers:
        return Automatic("loop", "x-loop")
    if _SYSTEM_ADDRESSES.match(message.author.address):
        return Automatic("bounce" if "daemon" in message.author.address.lower() else "auto-reply", "robot-address")
    return None


def _by_words(message: Message) -> Automatic | None:
    """Absence notices and bounces without a header for it: by Subject or first lines."""
    subject = re.sub(r"^(?:(?:re|fw|fwd|返信)\s*[:：]\s*)+", "", nfkc(message.subject).strip(), flags=re.I)
    if _BOUNCE_SUBJECT.match(subject):
        return Automatic("bounce", "bounce-subject")
    if _ABSENCE_SUBJECT.match(subject):
        return Automatic("auto-reply", "absence-subject")
    first = [line for line in nfkc(message.text[:4000]).split("\n") if line.strip() and not line.startswith(">")][:6]
    # Not in lines `項目名：値`: a form may mention an absence, an absence notice has no fields.
    if any(_ABSENCE_TEXT.search(line[:300]) and not re.search(r"^[^:。]{1,20}:", line) for line in first):
        return Automatic("auto-reply", "absence-text")
    return None
