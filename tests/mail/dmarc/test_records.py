"""Tests of mail.dmarc.records: which policy a record requests (RFC 9989 §4.7, §4.8, §4.10.1)."""

import pytest

from mailbot.mail.dmarc.records import Psd, Subject, read_record

RUA = "rua=mailto:reports@example.jp"
ITSELF, SUBDOMAIN, MISSING = Subject


@pytest.mark.parametrize(
    "text",
    ["", "DMARC1", "v=DMARC2; p=none", "v=dmarc1; p=none", "p=none; v=DMARC1", " v=DMARC1; p=none", "v=DMARC11", "v=DMARC1 x; p=none", "v=spf1 -all"],
)  # fmt: skip
def test_what_is_no_dmarc_record(text: str) -> None:
    assert read_record(text) is None


# record → the policy for the domain itself, an existing subdomain, one that does not exist
POLICIES: dict[str, tuple[str, str, str]] = {
    "v=DMARC1": ("none", "none", "none"),
    "v=DMARC1;": ("none", "none", "none"),
    "V = DMARC1 ; P = Reject ;": ("reject", "reject", "reject"),
    "v=DMARC1; p=quarantine": ("quarantine", "quarantine", "quarantine"),
    "v=DMARC1; p=reject; sp=none": ("reject", "none", "none"),
    "v=DMARC1; p=none; sp=quarantine; np=reject": ("none", "quarantine", "reject"),
    "v=DMARC1; p=none; np=reject": ("none", "none", "reject"),
    "v=DMARC1; sp=reject": ("none", "reject", "reject"),
    "v=DMARC1; p=reject; p=none": ("reject", "reject", "reject"),
    "v=DMARC1; p=reject; t=y": ("quarantine", "quarantine", "quarantine"),
    "v=DMARC1; p=quarantine; sp=reject; np=none; t=Y": ("none", "quarantine", "none"),
    "v=DMARC1; p=reject; t=n": ("reject", "reject", "reject"),
    "v=DMARC1; p=reject; t=maybe": ("reject", "reject", "reject"),
    "v=DMARC1; p=reject; pct=0; rf=afrf; ri=1; unknown=x; =; junk": ("reject", "reject", "reject"),
    "v=DMARC1; p=refuse": ("", "", ""),
    "v=DMARC1; p=reject; sp=quarantin": ("", "", ""),
    "v=DMARC1; p=reject; np=": ("", "", ""),
    f"v=DMARC1; p=refuse; {RUA}": ("none", "none", "none"),
    f"v=DMARC1; p=reject; sp=quarantin; {RUA}": ("none", "none", "none"),
    f"v=DMARC1; p=reject; np=x; rua=nothing,{RUA[4:]}": ("none", "none", "none"),
    "v=DMARC1; p=refuse; rua=nothing": ("", "", ""),
}


@pytest.mark.parametrize("text", POLICIES)
def test_requested_policies(text: str) -> None:
    record = read_record(text)
    assert record is not None
    assert tuple(record.requested(subject) for subject in Subject) == POLICIES[text]


@pytest.mark.parametrize(
    ("tags", "strict_dkim", "strict_spf", "psd"),
    [
        ("", False, False, Psd.UNKNOWN),
        ("adkim=s", True, False, Psd.UNKNOWN),
        ("aspf = S", False, True, Psd.UNKNOWN),
        ("adkim=r; aspf=r; psd=u", False, False, Psd.UNKNOWN),
        ("adkim=x; aspf=; psd=z", False, False, Psd.UNKNOWN),
        ("psd=y", False, False, Psd.PUBLIC_SUFFIX),
        ("PSD= N ", False, False, Psd.ORGANISATIONAL),
    ],
)
def test_other_tags(tags: str, strict_dkim: bool, strict_spf: bool, psd: Psd) -> None:
    record = read_record(f"v=DMARC1; p=none; {tags}")
    assert record is not None
    assert (record.strict_dkim, record.strict_spf, record.psd) == (strict_dkim, strict_spf, psd)
