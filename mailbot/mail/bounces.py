"""Parser of delivery status notifications (RFC 3464): recipients, actions and status codes."""

import logging
import re
from dataclasses import dataclass
from email.message import Message as MimePart
from itertools import islice

from flufl.bounce import all_failures

from mailbot.mail.body_parts import MOST_PARTS
from mailbot.mail.split import parse_mime, split_mail
from mailbot.text import nfkc

# flufl.bounce logs a traceback for each error that its detectors raise and it handles.
logging.getLogger("flufl.bounce").disabled = True
LARGEST_REPORT = 300_000  # octets that are parsed
LARGEST_TEXT = 10_000  # characters in which words are looked for
_FAILED = re.compile(
    r"(?:配信|配送|配達|送信|送達|お届け|届ける|届けら)[^。\n]{0,12}(?:でき|出来|不能|不可|失敗|エラー|れません|れなかった|ませんでした)|不達|未達|宛先[^。\n]{0,10}(?:不明|見つか|存在|誤)"
    r"|(?:ユーザー?|アドレス|アカウント|受信者|メールボックス|ドメイン)[^。\n]{0,12}(?:不明|存在し|見つか|無効|ありません|使われて|いっぱい|一杯|満杯|超過|オーバー)"
    r"|受信(?:を)?拒否|拒否され|容量[^。\n]{0,8}(?:超|オーバー|不足|いっぱい)|返送|差し戻され|戻ってき"
    r"|undeliver|(?:not|n't|unable to|cannot|can't) (?:be )?deliver|deliver(?:y|ed)?[^.\n]{0,30}(?:fail"
    r"|unsuccessful|impossible|problem)"
    r"|(?:unknown|invalid|no such) (?:user|recipient|mailbox|address|account)|(?:user|recipient|mailbox"
    r"|address|account)[^.\n]{0,20}(?:unknown|not found|full"
    r"|unavailable|disabled|invalid|rejected|does ?n.t exist|does not exist|over quota)|returned (?:mail"
    r"|to sender)|message (?:was )?rejected|\b55[0-4]\b"
    r"|mail system error|permanent(?:ly)? (?:error|fail)",
    re.I,
)
_DELAYED = re.compile(
    r"遅延|遅れて|まだ[^。\n]{0,12}(?:配信|配送|送信|届)|引き続き[^。\n]{0,10}(?:試み|配信|再)|再(?:試行|送信?)(?:し|を|いた|中)"
    r"|delayed|not (?:yet )?been delivered yet|(?:will|being) (?:be )?(?:re-?tried|retry)"
    r"|still (?:being )?(?:trying|retried)|will keep trying|warning: could not send",
    re.I,
)
_STATUS = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])")
_RECIPIENT = re.compile(r"<?([^\s<>@:;,()\"]{1,64}@[^\s<>@:;,()\"]{1,255}\.[a-z]{2,20})>?", re.I)


@dataclass(frozen=True)
class Failure:
    """The fields of a report about one recipient (RFC 3464 §2.3)."""

    recipient: str
    action: str  # failed | delayed | delivered | relayed | expanded
    status: str  # RFC 3463, `5.1.1`

    @property
    def is_permanent(self) -> bool:
        """Whether the delivery has failed for good: action failed, status not 4.x.x (RFC 3463 §2)."""
        return self.action == "failed" and not self.status.startswith("4")


def failures(raw: bytes) -> list[Failure]:
    """Every recipient in the report; [] when the mail is not a report.  Never raises.

    The notice is identified by the Return-Path (VERP) that the report was sent to, not by its content.
    """
    try:
        root = parse_mime(split_mail(raw[:LARGEST_REPORT]))
        stated = [failure for part in root.walk() if _is_status(part) for failure in _read_status(part)]
        return stated or _read_other_formats(root)
    except Exception:  # arbitrary octets; the parser raises several kinds
        return []


def failure_in_words(subject: str, text: str) -> Failure | None:
    """A report in free text, in Japanese or English: its recipient is "" when the text names no address.

    Only for mail at the Return-Path of a notice: anywhere else a person may write these words.
    """
    words = nfkc(f"{subject}\n{text[:LARGEST_TEXT]}")
    delayed, failed = _DELAYED.search(words), _FAILED.search(words)
    if not (delayed or failed):
        return None
    status = _STATUS.search(words)
    temporary = bool(delayed) or (status is not None and status[1].startswith("4"))
    recipient = _RECIPIENT.search(words)
    return Failure(
        recipient[1] if recipient else "", "delayed" if temporary else "failed", status[1] if status is not None else ""
    )


def _read_other_formats(root: MimePart) -> list[Failure]:
    """Reports in other formats than RFC 3464, by the detectors of flufl.bounce.

    Each detector walks the whole tree, some once for each of their patterns: [] for more parts than a mail may have.
    """
    if len(list(islice(root.walk(), MOST_PARTS + 1))) > MOST_PARTS:
        return []
    delayed, failed = all_failures(root)
    return [Failure(one.decode("ascii", "replace"), "failed", "") for one in sorted(failed)] + [
        Failure(one.decode("ascii", "replace"), "delayed", "") for one in sorted(delayed)
    ]


def _is_status(part: MimePart) -> bool:
    return part.get_content_type() in ("message/delivery-status", "message/global-delivery-status")


def _read_status(part: MimePart) -> list[Failure]:
    payload = part.get_payload()
    blocks = payload if isinstance(payload, list) else []
    found = []
    for block in blocks[:100]:
        if not isinstance(block, MimePart):
            continue
        recipient = str(block.get("final-recipient") or block.get("original-recipient") or "")
        action = str(block.get("action", "")).strip().lower()
        if recipient and action:
            found.append(
                Failure(recipient.rpartition(";")[2].strip(), action, str(block.get("status", "")).split(" ")[0])
            )
    return found
