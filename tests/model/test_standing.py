"""How far the evidence of a mail proves its author."""

import pytest

from mailbot.model.evidence import Evidence, Result
from mailbot.model.standing import Standing, standing_of

PASS, FAIL, NONE = Result.PASS, Result.FAIL, Result.NONE
TEMPERROR, PERMERROR = Result.TEMPERROR, Result.PERMERROR


@pytest.mark.parametrize(
    ("evidence", "standing"),
    [
        (Evidence(), Standing.UNPROVEN),
        (Evidence(aligned=PASS, dmarc=PASS, policy="reject"), Standing.PROVEN),
        (Evidence(confirmed=True), Standing.PROVEN),
        (Evidence(confirmed=True, dmarc=FAIL, policy="reject"), Standing.PROVEN),
        (Evidence(aligned=FAIL, dmarc=FAIL, policy="reject"), Standing.FORGED),
        (Evidence(aligned=FAIL, dmarc=FAIL, policy="quarantine"), Standing.FORGED),
        (Evidence(aligned=FAIL, dmarc=FAIL, policy="none"), Standing.UNPROVEN),
        (Evidence(aligned=FAIL, dmarc=PASS, policy="reject"), Standing.VOUCHED),  # by SPF alone
        (Evidence(aligned=TEMPERROR, dmarc=TEMPERROR, policy="reject"), Standing.UNPROVEN),
        (Evidence(aligned=PERMERROR, dmarc=PERMERROR), Standing.UNPROVEN),
        (Evidence(signed_by=("x.example",)), Standing.VOUCHED),  # the domain has no DMARC record
        (Evidence(signed_by=("EXAMPLE.",)), Standing.VOUCHED),
        (Evidence(signed_by=("mail.x.example",)), Standing.UNPROVEN),
        (Evidence(signed_by=("evil.example",)), Standing.UNPROVEN),
        (Evidence(signed_by=("",)), Standing.UNPROVEN),
        (Evidence(signed_by=("x.example",), aligned=FAIL, dmarc=FAIL, policy="none"), Standing.UNPROVEN),
        (Evidence(spf=PASS), Standing.UNPROVEN),  # of the envelope sender's domain, whatever that is
    ],
)
def test_standings(evidence: Evidence, standing: Standing) -> None:
    assert standing_of(evidence, "a@x.example", proof_required=True) is standing
    assert standing_of(evidence, "a@x.example", proof_required=False) is Standing.PROVEN
