"""Tests of mail.dkim.sign: the octets are those that dkimpy makes, and both signatures of a mail verify."""

import base64
import time
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from mailbot.app.signing import signer_of
from mailbot.config import Config, RelaySection
from mailbot.errors import ConfigError, Permanent
from mailbot.mail.dkim.sign import SIGNED, SigningKey, make_signer, read_signing_key, unsigned
from mailbot.mail.dkim.signature import Algorithm
from mailbot.mail.dkim.verify import Verifier
from mailbot.mail.split import split_mail
from mailbot.model.evidence import Result
from tests.testkit.mail_domains import NOW, key_of, written
from tests.testkit.tables import each_row

RSA_PEM, RSA_RECORD = key_of("desk.example")
ED25519 = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
ED25519_PEM = ED25519.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
ED25519_RECORD = b"v=DKIM1; k=ed25519; p=" + base64.b64encode(ED25519.public_key().public_bytes_raw())

MAILS = {
    "a notice": written("受付", "desk@desk.example", "taro@naxtrade.example", X_Mailbot_Notice="received", Reply_To="a@b.jp"),
    "one field twice": b"X-Mailbot-Receipt: 1\r\nX-Mailbot-Receipt: 2\r\n" + written("x", "desk@desk.example"),
    "no text": b"From: a@desk.example\r\n\r\n",
    "no body": b"From: a@desk.example\r\n",
    "folded and blank": b"From: a@desk.example\r\nSubject: a \r\n\t b \r\n\r\n a  b \r\n\r\n\r\n",
}  # fmt: skip


class NaclKey:
    """What dkimpy asks of PyNaCl, which is not installed."""

    def __init__(self, octets: bytes, encoder: object) -> None:
        del encoder
        self._key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(octets))

    def sign(self, octets: bytes) -> SimpleNamespace:
        return SimpleNamespace(signature=self._key.sign(octets))


def by_dkimpy(raw: bytes, domain: str, selector: str, key: SigningKey) -> bytes:
    there = [one.name for one in split_mail(raw).fields]
    names = [name.encode() for name in SIGNED for _ in range(there.count(name) + 1)]
    secret = RSA_PEM if key.algorithm is Algorithm.RSA else base64.b64encode(ED25519.private_bytes_raw())
    made: bytes = dkim.sign(
        raw, selector.encode(), domain.encode(), secret, canonicalize=(b"relaxed", b"relaxed"), include_headers=names,
        signature_algorithm=key.algorithm.value.encode(),
    )  # fmt: skip
    return made + raw


SELECTORS = ("s", "mailbot", "a-selector-as-long-as-they-may-well-be-in-2026.of-the-desk")
DOMAINS = ("d.jp", "desk.example", "a-long-name-of-a-department." * 4 + "customs.example.jp")


@pytest.mark.parametrize("mail", MAILS)
@each_row("algorithm, selector, domain", [*product(Algorithm, SELECTORS, DOMAINS)])
def test_the_octets_are_those_of_dkimpy(
    monkeypatch: pytest.MonkeyPatch, mail: str, algorithm: Algorithm, selector: str, domain: str
) -> None:
    monkeypatch.setattr(time, "time", NOW.timestamp)
    nacl = SimpleNamespace(
        signing=SimpleNamespace(SigningKey=NaclKey),
        encoding=SimpleNamespace(Base64Encoder=None),
        exceptions=SimpleNamespace(ValueError=ValueError),
    )
    monkeypatch.setattr(dkim, "nacl", nacl, raising=False)
    pem = RSA_PEM if algorithm is Algorithm.RSA else ED25519_PEM
    key = read_signing_key(selector, pem, algorithm)
    assert make_signer(domain, [key], lambda: NOW)(MAILS[mail]) == by_dkimpy(MAILS[mail], domain, selector, key)


def test_both_signatures_verify() -> None:
    keys = [read_signing_key("r", RSA_PEM, Algorithm.RSA), read_signing_key("e", ED25519_PEM, Algorithm.ED25519)]
    signed = make_signer("desk.example", keys, lambda: NOW)(MAILS["a notice"])
    assert signed.endswith(MAILS["a notice"])
    mail = split_mail(signed)
    records = {"r": RSA_RECORD, "e": ED25519_RECORD}
    verifier = Verifier(mail, NOW, NOW, lambda _, selector: records[selector])
    found = [verifier.verify(one) for one in mail.fields if one.name == "dkim-signature"]
    assert [(one.selector, one.result) for one in found] == [("r", Result.PASS), ("e", Result.PASS)]


def test_no_line_is_longer_than_72_octets() -> None:
    key = read_signing_key("r", RSA_PEM, Algorithm.RSA)
    head = make_signer("desk.example", [key], lambda: NOW)(MAILS["a notice"]).partition(b"\r\nFrom:")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 74 and b"\n" not in head.replace(b"\r\n", b"")


def pem(key: RSAPrivateKey | ec.EllipticCurvePrivateKey | Ed25519PrivateKey, secret: bytes = b"") -> bytes:
    protection = BestAvailableEncryption(secret) if secret else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)


@pytest.mark.parametrize(
    ("data", "algorithm"),
    [
        (b"", Algorithm.RSA),
        (b"x", Algorithm.ED25519),
        (ED25519_PEM, Algorithm.RSA),
        (RSA_PEM, Algorithm.ED25519),
        (pem(ec.generate_private_key(ec.SECP256R1())), Algorithm.RSA),
        (pem(ED25519, b"secret"), Algorithm.ED25519),
        (RSA_PEM.replace(b"PRIVATE", b"PUBLIC"), Algorithm.RSA),
    ],
)
def test_keys_that_cannot_be_used(data: bytes, algorithm: Algorithm) -> None:
    with pytest.raises(Permanent, match="The DKIM key is not"):
        read_signing_key("s", data, algorithm)


def test_the_keys_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "rsa.pem").write_bytes(pem(load_rsa()))
    (tmp_path / "ed25519.pem").write_bytes(ED25519_PEM)

    def configured(**relay: str) -> Config:
        return Config(relay=RelaySection(**relay))  # type: ignore[arg-type]

    rsa, ed25519 = str(tmp_path / "rsa.pem"), str(tmp_path / "ed25519.pem")
    for path in (rsa, ed25519):
        Path(path).chmod(0o600)
    assert signer_of(configured()) is unsigned
    both = signer_of(configured(dkim_key=rsa, dkim_ed25519_key=ed25519))(MAILS["a notice"])
    assert [b"s=mailbot;" in both, b"s=mailbot-ed25519;" in both] == [True, True]
    assert signer_of(configured(dkim_ed25519_key=ed25519))(MAILS["a notice"]).count(b"DKIM-Signature") == 1
    for wrong in ({"dkim_key": ed25519}, {"dkim_ed25519_key": rsa}, {"dkim_key": str(tmp_path / "none.pem")}):
        with pytest.raises(ConfigError, match=f"relay.{next(iter(wrong))}"):
            signer_of(configured(**wrong))
    Path(rsa).chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        signer_of(configured(dkim_key=rsa))


def load_rsa() -> RSAPrivateKey:
    key = load_pem_private_key(RSA_PEM, None)
    assert isinstance(key, RSAPrivateKey)
    return key
