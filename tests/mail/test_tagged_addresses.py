"""Tests of mail.tagged_addresses (T-48) and mail.envelope."""

import pytest

from mailbot.mail.envelope import address_problem
from mailbot.mail.tagged_addresses import bounce_address, bounce_tags_in, is_desk_address, reply_address, tags_in

DESK = "desk@desk.example"


def test_reply_and_return_path_addresses() -> None:
    reply, back = reply_address(DESK, "abc.def"), bounce_address(DESK, "abc")
    assert (tags_in([reply, back], DESK), bounce_tags_in([reply, back], DESK)) == (["abc.def"], ["abc"])


@pytest.mark.parametrize(
    "address",
    [
        "desk+abc@desk.example",
        "DESK+ABC@Desk.Example",
        "desk-abc@desk.example",
        "desk=2Babc@desk.example",
        "<desk+abc@desk.example>",
    ],
)
def test_what_mail_systems_do_to_a_tag(address: str) -> None:
    assert tags_in([address], DESK) == ["abc"]


@pytest.mark.parametrize(
    ("address", "ours"),
    [(DESK, True), ("Desk@DESK.example", True), ("desk+x@desk.example", True), ("desk-bounces+x@desk.example", True),
     ("desk@other.example", False), ("desks@desk.example", False), ("x@desk.example", False), ("desk+@desk.example", False)],
)  # fmt: skip
def test_desk_addresses(address: str, ours: bool) -> None:
    assert is_desk_address(address, DESK) is ours


@pytest.mark.parametrize(
    ("address", "problem"),
    [("a@x.example", ""), ("a..b.@docomo.ne.jp", ""), ("a", "no-domain"), ("@x.example", "no-domain"), ("a\0@x.example", "control-character"),
     ("@r.example:a@x.example", "source-route"), ("(a@x.example", "syntax"), ("a@b(c.d", "syntax"), ("あ@x.example", "8bit-without-smtputf8"),
     ("a" * 65 + "@x.example", "too-long"), ("a@" + "x" * 300, "too-long"), ("a b@x.example", "syntax")],
)  # fmt: skip
def test_addresses(address: str, problem: str) -> None:
    """T-8."""
    assert address_problem(address) == problem
