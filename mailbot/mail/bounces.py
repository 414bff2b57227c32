"""Parser of delivery status notifications (RFC 3464): recipients, actions and status codes."""

import logging
from dataclasses import dataclass
from email.message import Message as MimePart

from flufl.bounce import all_failures

from mailbot.mail.split import parse_mime, split_mail

# flufl.bounce logs a traceback for each error that its detectors raise and it handles.
logging.getLogger("flufl.bounce").disabled = True
LARGEST_REPORT = 300_000  # octets that are parsed


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


def _read_other_formats(root: MimePart) -> list[Failure]:
    """Reports in other formats than RFC 3464, by the detectors of flufl.bounce."""
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
