"""Delivery reports (RFC 3464): which address failed, and whether for good."""

import email
import email.policy
import logging
from dataclasses import dataclass
from email.message import Message as MimePart

from flufl.bounce import all_failures

# It guards its detectors itself, and logs what they stumble over with a traceback: no news for an operator.
logging.getLogger("flufl.bounce").disabled = True
LARGEST_REPORT = 300_000  # octets that are looked at


@dataclass(frozen=True)
class Failure:
    """What a report says of one recipient."""

    recipient: str
    action: str  # failed | delayed | delivered | relayed | expanded
    status: str  # RFC 3463, `5.1.1`

    @property
    def is_permanent(self) -> bool:
        return self.action == "failed" and not self.status.startswith("4")


def failures(raw: bytes) -> list[Failure]:
    """Every recipient the report names; [] when it is no such report.  Never raises.

    The report says which address failed; which notice it was is told by the Return-Path it came to, not by this text.
    """
    try:
        root = email.message_from_bytes(raw[:LARGEST_REPORT], policy=email.policy.compat32)
        stated = [failure for part in root.walk() if _is_status(part) for failure in _read_status(part)]
        return stated or _read_other_formats(root)
    except Exception:  # any bytes are a mail
        return []


def _read_other_formats(root: MimePart) -> list[Failure]:
    """What the many forms of reports say that are older than RFC 3464, or do not keep to it (flufl.bounce)."""
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
