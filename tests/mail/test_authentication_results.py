"""Tests of mail.authentication_results: the examples of RFC 8601, and the same results as authres reads."""

import authres
import pytest

from mailbot.mail.authentication_results import parse_results

# The last ones are as Gmail, Exchange Online and OpenDKIM write them.
FIELDS = [
    "example.org 1; none",
    "example.com; spf=pass smtp.mailfrom=example.net",
    "example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net",
    "example.com; dkim=pass (good signature) header.d=example.com; sender-id=fail header.from=example.com",
    "example.com; dkim=pass reason=good header.i=@mail-router.example.net; dkim=fail (bad (nested)) header.i=@newyork.example.com",
    "mx.google.com; dkim=pass header.i=@naxtrade.example header.s=s1 header.b=YmFzZTY0; spf=pass (google.com: domain of"
    " taro@naxtrade.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=taro@naxtrade.example;"
    " dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=naxtrade.example",
    "mx.example; dkim=none (message not signed) header.d=none;dmarc=none action=none",
    "mx.example; DMARC=PASS header.from=Naxtrade.Example; dkim=permerror header.d=a.example",
    "mx.example; dmarc=temperror",
    "mx.example; dmarc",
    "mx.example; dmarc=pass header.from",
    "mx.example; =pass",
    "mx.example; dmarc=pass header.from=a.example garbage",
]


def by_authres(text: str) -> object:
    try:
        header = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {text}")
    except Exception:  # several kinds
        return None
    return (str(header.authserv_id), [
        (one.method.lower(), one.result.lower(), [(p.type.lower(), p.name.lower(), p.value) for p in one.properties])
        for one in header.results
    ])  # fmt: skip


def ours(text: str) -> object:
    try:
        name, results = parse_results(text)
    except ValueError:
        return None
    return (name, [(one.method, one.result, list(one.properties)) for one in results])


@pytest.mark.parametrize("field", FIELDS)
def test_the_same_as_authres(field: str) -> None:
    assert ours(field) == by_authres(field)


NESTED = (
    "foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail"
    " policy (A dot can go here) . (like that) expired (this surprised me) = (as I wasn't expecting it) 1362471462"
)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        # RFC 8601 appendix B.7, which authres does not read
        (NESTED, ("foo.example.net", [("dkim", "fail", [("policy", "expired", "1362471462")])])),
        ("mx.example", ("mx.example", [])),
        # Exchange Online: a property without a type, before one that counts
        (
            "mx.example; dmarc=pass action=none header.from=a.example;",
            ("mx.example", [("dmarc", "pass", [("header", "from", "a.example")])]),
        ),
    ],
)
def test_what_authres_reads_otherwise(field: str, expected: object) -> None:
    assert ours(field) == expected != by_authres(field)


@pytest.mark.parametrize("field", [
    "",
    "spf=pass; dkim=none",
    "; dmarc=pass",
    "a b; dmarc=pass",
    "mx.example; dmarc=pass; ; dkim=pass",
    "mx.example; dmarc=pass=fail",
    "mx.example; none; dmarc=pass",
])  # fmt: skip
def test_what_is_no_field(field: str) -> None:
    with pytest.raises(ValueError, match="not"):
        parse_results(field)
