"""Tests of records.packing: any octets come out as they went in, and notices become small."""

import base64
import email.message
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.records.packing import SHORTEST, pack, unpack

HTML = b"<p style='margin:0'>\xe6\x89\xbf\xe8\xaa\x8d</p>\r\n" * 200
LINES = base64.encodebytes(HTML).replace(b"\n", b"\r\n")


def notice() -> bytes:
    message = email.message.EmailMessage()
    message.set_content("承認\n" * 50, cte="base64")
    message.add_alternative(HTML.decode(), subtype="html", cte="base64")
    return message.as_bytes().replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    "octets",
    [
        LINES,
        LINES[:-2],  # the last line is not ended
        b"x" + LINES,
        LINES + LINES,
        LINES.replace(b"=", b"+"),
        LINES[:76] + LINES,  # one line is too long
        LINES[:78] * 5 + b"AB==\r\n",  # bits behind the last octet that are not zero
        LINES[:78] * 5 + b"A" * 73 + b"B==\r\n",  # in a line as long as the others
        LINES[:78] * 5 + b"A" * 74 + b"B=\r\n",
        b"A" * 75 + b"=\r\n" + LINES,
        LINES.replace(b"\r\n", b"\n"),
        notice(),
    ],
)
def test_it_comes_out_as_it_went_in(octets: bytes) -> None:
    packed = pack(octets)
    assert packed is not None and unpack(packed) == octets


@given(
    st.lists(
        st.sampled_from(
            [LINES[:78], LINES[:77], LINES[78:130], b"A" * 73 + b"B==\r\n", b"\r\n", b"=", b"==\r\n", b"\0", b"A" * 76]
        )
    )
)
def test_whatever_is_mixed(parts: list[bytes]) -> None:
    octets = b"".join(parts)
    packed = pack(octets, always=True)
    assert packed is not None and unpack(packed) == octets
    assert (pack(octets) is None) == (len(octets) < SHORTEST or len(packed) >= len(octets))


@pytest.mark.parametrize(("length", "bits"), [(200, 11), (3_000, 12), (30_000, 15), (300_000, 15)])
def test_the_window_is_no_longer_than_the_octets_need(length: int, bits: int) -> None:
    packed = pack(b"a" * length)
    assert packed is not None and (packed[1] >> 4) + 8 == bits  # CINFO (RFC 1950 §2.2)


def test_base64_is_decoded_before() -> None:
    octets, packed = notice(), pack(notice())
    assert packed is not None and len(packed) < len(zlib.compress(octets, 3)) / 2
