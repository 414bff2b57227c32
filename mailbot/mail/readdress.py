"""A written mail with another recipient in its To field; its DKIM signatures, which no longer hold, are taken out."""

import re

_NEXT_FIELD = re.compile(rb"\r\n(?![ \t])")


def readdress(raw: bytes, old: str, new: str) -> bytes:
    """`raw` with the address `new` in place of `old` in its To field, unsigned."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    fields = [one for one in _NEXT_FIELD.split(head) if not one.lower().startswith(b"dkim-signature:")]
    changed = [one.replace(old.encode(), new.encode()) if one.lower().startswith(b"to:") else one for one in fields]
    return b"\r\n".join(changed) + blank + body
