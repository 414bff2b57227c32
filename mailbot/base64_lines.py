"""Base64 as a MIME part has it (RFC 2045 §6.8)."""

import binascii

LINE = 76  # characters


def base64_lines(octets: bytes) -> bytes:
    """`octets` as base64 in lines of LINE characters, each ended by CRLF; b"" for none."""
    text = binascii.b2a_base64(octets, newline=False)  # base64.encodebytes calls it for each line
    return b"".join([text[at : at + LINE] + b"\r\n" for at in range(0, len(text), LINE)])
