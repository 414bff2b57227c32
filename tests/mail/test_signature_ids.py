"""What identifies a DKIM signature, whatever is changed around it."""

import pytest
from mailbot.mail.signature_ids import MOST_SIGNATURES, signature_ids

FIRST = b"DKIM-Signature: v=1; d=x.jp; s=s; h=from; bh=aa; b=QUJDREVGR0g=\r\n"
OTHER = b"DKIM-Signature: v=1; d=x.jp; s=s; h=from; bh=aa; b=WFlaWFlaWFo=\r\n"
END = b"From: a@x.jp\r\n\r\nx"
(FIRST_ID,) = signature_ids(FIRST + END, ("x.jp",))


@pytest.mark.parametrize(
    ("raw", "is_first"),
    [
        (FIRST.replace(b"QUJDREVGR0g=", b"QUJD\r\n REVG\t R0g="), True),
        (FIRST.replace(b"QUJDREVGR0g=", b"QUJDREVGR0g"), True),
        (FIRST.replace(b"d=x.jp; s=s; ", b"s=s;d = X.JP;"), True),
        (FIRST.replace(b"DKIM-Signature", b"dkim-signature"), True),
        (b"Received: by y\r\n" + FIRST, True),
        (OTHER, False),
    ],
)
def test_the_same_signature(raw: bytes, is_first: bool) -> None:
    assert (signature_ids(raw + END, ("x.jp",)) == (FIRST_ID,)) is is_first


@pytest.mark.parametrize(
    "line",
    [
        b"DKIM-Signature: d=y.jp; b=QUJDREVGR0g=",  # of a domain whose signature does not count
        b"DKIM-Signature: d=x.jp; b=",
        b"DKIM-Signature: d=x.jp",
        b"DKIM-Signature: ",
        b"DKIM-Signature: ;;;===;",
        b"X-DKIM-Signature: d=x.jp; b=QUJDREVGR0g=",
    ],
)
def test_what_is_no_signature_of_the_domain(line: bytes) -> None:
    assert signature_ids(line + b"\r\n" + END, ("x.jp",)) == ()


def test_several_signatures_are_each_one() -> None:
    assert signature_ids(FIRST + OTHER + FIRST + END, ("x.jp",)) == (
        FIRST_ID,
        *signature_ids(OTHER + END, ("x.jp",)),
    )
    many = b"".join(b"DKIM-Signature: d=x.jp; b=%d\r\n" % n for n in range(1000, 1100))
    assert len(signature_ids(many + END, ("x.jp",))) == MOST_SIGNATURES
    assert signature_ids(many.replace(b"x.jp", b"y.jp") + FIRST + END, ("x.jp",)) == (FIRST_ID,)
    assert len(signature_ids(b"DKIM-Signature: d=x.jp; b=!\xff!\r\n" + END, ("x.jp",))) == 1
