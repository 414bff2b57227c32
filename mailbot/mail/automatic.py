"""Detection of automatic mail: bounces, auto-replies, list mail and loops, which are never answered (RFC 3834).

Structure decides.  Words count only where the person has written nothing that the desk understands.
"""

import re
from dataclasses import dataclass

from mailbot.mail.message import Message
from mailbot.model.queued_mail import Envelope
from mailbot.model.receipt import ReceiptNumber
from mailbot.text import nfkc

MOST_HOPS = 50  # Received fields; more are taken for a mail loop (RFC 5321 §6.3)
_AUTOREPLY_HEADERS = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autoresponder", "x-mail-autoreply")
_LIST_HEADERS = ("list-id", "list-post", "list-unsubscribe", "mailing-list", "x-mailing-list")
_SYSTEM_ADDRESSES = re.compile(r"^(?:mailer-daemon|post_?master|mail-daemon|no-?reply|do-?not-?reply)@", re.I)
# Subjects of vacation programs, ticket systems and receipts.
_ABSENCE_SUBJECT = re.compile(
    r"^\W*(?:自動(?:応答|返信|送信|配信)|(?:不在|休暇|休業|出張|退職|産休|育休|休み|長期休暇)(?:の|に関する|に伴う)?(?:ご)?(?:連絡|通知|お知らせ|案内|中|$)"
    r"|[^:]{0,12}(?:不在|休業|休暇)の(?:ご)?(?:連絡|お知らせ|案内)"
    r"|out of (?:the )?office|automatic reply|auto(?:matic)?[- ]?(?:reply|response)|on (?:vacation|leave)"
    r"|away from|i am away"
    r"|abwesenheit|réponse automatique|respuesta automática)",
    re.I,
)
_RECEIPT_SUBJECT = re.compile(
    r"^\W*(?:開封済み|未開封|開封確認|既読|承諾(?:済み)?|辞退|仮承諾|read|not read|accepted|declined"
    r"|tentative(?:ly accepted)?)\s*:"
    r"|お問い?合わせ(?:を|ありがとう|受付|受け付け)|ticket received|we received your|your (?:request|ticket)|case #",
    re.I,
)
# Subjects of bounces that have neither a null reverse-path nor RFC 3464 structure.
_BOUNCE_SUBJECT = re.compile(
    r"^(?:undeliver(?:able|ed)\b|returned (?:mail|to sender)\b|mail delivery (?:failed|failure|problem"
    r"|subsystem|warning)"
    r"|failure notice|delivery (?:status|failure|notification|delayed)\b|mail (?:system error|delivery)\b"
    r"|non-?delivery|warning: could not send"
    r"|(?:配信不能|配信エラー|配信できません|配達不能|送信エラー|送信できません|不達|遅延|メール(?:が|を)?(?:配信|送信)(?:できません|エラー)|宛先不明|エラーメール))",
    re.I,
)
_MACHINE_TEXT = re.compile(
    r"(?:この|本|当|こちらの)(?:電子)?メール(?:アドレス)?は[^。]{0,20}(?:自動|送信専用|配信専用)|自動(?:応答|返信|配信|送信)(?:メール|メッセージ|です|して|され|システム|により|にて|専用)"
    r"|自動的に(?:返信|送信|配信|応答)|送信専用(?:です|アドレス|の|と)|ご?返信(?:を|に|頂|いただ)[^。]{0,16}(?:お答え|お応え|対応)(?:でき|いたしかね|しかね)"
    r"|do not reply to this|this is an automat|automatically generated|auto-?generated|no-?reply",
    re.I,
)
_ACKNOWLEDGED = re.compile(
    r"受け付け(?:まし|いたし|致し)|受付(?:いたし|致し|しま)|受領(?:いたし|しま)"
    r"|お問い?合わせ[^。]{0,10}ありがとう|have received your",
    re.I,
)
_WILL_ANSWER = re.compile(
    r"(?:担当(?:者|部署|窓口)?|順次|営業日|後日|改めて|翌)[^。]{0,30}(?:連絡|回答|返信|返答)"
    r"|will (?:get back|respond|reply|contact)",
    re.I,
)
_ABSENCE_WORD = r"(?:不在|休暇|休業|休み|お休み|休職|産休|育休|出張|外出|離席|席を外|退職|退社|留守|長期休)"
_ABSENCE_TEXT = re.compile(
    rf"(?:ただ(?:いま|今)|只今|現在|本日|下記|以下|誠に勝手|勝手ながら|期間|私は|当方|弊社は|当社は|{_ABSENCE_WORD}の?期間|\d{{1,2}}[月/]\d{{1,2}}日?)[^。\n]{{0,60}}{_ABSENCE_WORD}"
    rf"[^。\n]{{0,16}}(?:ます|です|ました|中|せん|ておりまして|とさせて|いただ|頂|\(|。|$)"
    rf"|^[^。\n、]{{0,20}}は[^。\n]{{0,30}}{_ABSENCE_WORD}[^。\n]{{0,10}}(?:ております|ています|です|中です|ました|となり|いただ)"
    rf"|{_ABSENCE_WORD}(?:に|と|を|中|し)?(?:し|いたし|致し|させ|いただ|なっ|取得|頂)[^。\n]{{0,8}}(?:ております|ています|いただきます|ます)。"
    r"|(?:i am|i'm|i will be) (?:currently )?(?:out of (?:the )?office|away|on (?:vacation|leave"
    r"|a business trip|holiday))"
    r"|(?:out of (?:the )?office|on annual leave|on parental leave|no longer (?:with|works))",
    re.I | re.M,
)
# A person who names an absence as a reason, or goes on about the matter.
_OF_A_PERSON = re.compile(
    rf"{_ABSENCE_WORD}[^。\n]{{0,16}}(?:ため|ので|ですが|から|ますが)[、,]?[^。\n]{{0,30}}(?:私|代わ|代理|確認|回答し|検討|判断|承認|審査|お願い|申し込|申込|対応し|いただけ|ください)"
    r"|(?:理由|事情|経緯)は|(?:進め|処理し|手続きし|登録し|変更し)て(?:ください|下さい|いただ|頂)",
    re.I,
)
_QUESTION = re.compile(
    r"[?？]|でしょうか|ですか|ますか|ませんか|教えて|(?:して|繋いで|つないで)(?:ください|下さい|ほしい|欲しい)", re.I
)
_LONGEST_ABSENCE = 1_500  # characters, and lines, of a mail that only says that its author is away
_MOST_ABSENCE_LINES = 25

_FIELD = re.compile(r"(?!期間)[^:。]{1,20}:")
_BEFORE_SUBJECT = re.compile(
    r"^(?:(?:(?:re|fw|fwd|aw|返信|転送)\s*(?:\[\d+\])?\s*:\s*)|[\[【](?:ext|external|社外|外部)[^\]】]{0,8}[\]】]\s*)+",
    re.I,
)

# For mails that are known to be automatic; too weak to distinguish them from a person's.
_ABSENT = re.compile(
    rf"{_ABSENCE_WORD}|年末年始|out of (?:the )?office|vacation|annual leave|on leave|away from|abwesen", re.I
)


@dataclass(frozen=True)
class Automatic:
    """The kind of an automatic mail and the criterion.  `kind`: bounce | auto-reply | list | own | loop."""

    kind: str
    reason: str  # reason code
    certain: bool = True  # False: a person's mail may have it too, and counts if the person wrote something


def detect_automatic(message: Message, envelope: Envelope) -> Automatic | None:
    """The kind of a mail that is automatic by its structure or its words, None when a person may have written it."""
    return automatic_by_structure(message, envelope) or automatic_by_words(message, message.text)


def automatic_by_structure(message: Message, envelope: Envelope) -> Automatic | None:
    """The kind of a mail by its envelope, its header and its parts, whatever its words are."""
    headers = message.headers
    if len(headers.get("received", ())) > MOST_HOPS:
        return Automatic("loop", "too-many-hops")
    if "x-mailbot-notice" in headers:
        return Automatic("own", "own-notice")
    if message.content_type == "multipart/report":
        return Automatic("bounce", "delivery-report")
    if envelope.sender == "" or headers.get("return-path", ("",))[0].strip() == "<>":
        return Automatic("auto-reply" if is_absence_notice(message) else "bounce", "null-return-path")
    if any(one.content_type == "text/calendar" for one in message.attachments) and not message.text.strip():
        return Automatic("auto-reply", "calendar-reply")
    return _by_headers(message)


def is_absence_notice(message: Message) -> bool:
    """Whether an automatic mail is an absence notice of its author; False for a bounce."""
    if _SYSTEM_ADDRESSES.match(message.author.address) or _BOUNCE_SUBJECT.match(nfkc(message.subject).strip()):
        return False
    if _RECEIPT_SUBJECT.search(nfkc(message.subject)):
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
        certain = any(name in headers for name in ("list-id", "list-post", "mailing-list", "x-mailing-list"))
        return Automatic("list", "list-header", certain)
    if "x-loop" in headers:
        own = any(address in value for value in headers["x-loop"] for address in message.to)
        return Automatic("loop", "x-loop", certain=own)
    if _SYSTEM_ADDRESSES.match(message.author.address):
        kind = (
            "bounce" if re.match("(?:mailer|mail)-daemon|post_?master", message.author.address, re.I) else "auto-reply"
        )
        return Automatic(kind, "robot-address")
    return None


def automatic_by_words(message: Message, own_text: str) -> Automatic | None:
    """Absence notices, receipts of ticket systems and bounces without a header for it: by Subject and text.

    Only for a mail in which nothing that a person asks was found: a form or a keyword may mention an absence, and so
    may a question.  `own_text`: what the mail does not quote.
    """
    subject = _BEFORE_SUBJECT.sub("", nfkc(message.subject).strip())
    text = nfkc(own_text[: 2 * _LONGEST_ABSENCE]).strip()
    lines = [line for line in text.split("\n") if line.strip() and not line.startswith(">")]
    text = "\n".join(lines)
    if _MACHINE_TEXT.search(text):
        return Automatic("auto-reply", "absence-text")
    is_receipt = _RECEIPT_SUBJECT.search(subject) is not None
    if ReceiptNumber.find(text) is not None and not is_receipt:
        return None
    if _QUESTION.search(text) or len(text) > _LONGEST_ABSENCE or len(lines) > _MOST_ABSENCE_LINES:
        return None
    if _BOUNCE_SUBJECT.match(subject):
        return Automatic("bounce", "bounce-subject")
    if _ABSENCE_SUBJECT.match(subject) or is_receipt:
        return Automatic("auto-reply", "absence-subject")
    if _ACKNOWLEDGED.search(text) and _WILL_ANSWER.search(text):
        return Automatic("auto-reply", "absence-text")
    # Not in lines `項目名：値`: a form may mention an absence, an absence notice has few fields.
    prose = "\n".join(line[:300] for line in lines[:8] if not _FIELD.match(line))
    if _ABSENCE_TEXT.search(prose) and not _OF_A_PERSON.search(text):
        return Automatic("auto-reply", "absence-text")
    return None
