"""The octets after DATA, compared with those of aiosmtplib."""

from aiosmtplib.protocol import PERIOD_REGEX, normalize_message_line_endings
from hypothesis import given
from hypothesis import strategies as st

from mailbot.runners.relays import data_octets

PIECES = st.sampled_from([b"\r\n", b"\n", b"\r", b".", b"..", b"a", b"\xe6", b"=", b" "])


@given(st.lists(PIECES).map(b"".join))
def test_the_octets_after_data_are_those_of_the_library(raw: bytes) -> None:
    assert data_octets(raw) == PERIOD_REGEX.sub(b"..", normalize_message_line_endings(raw)) + b".\r\n"
