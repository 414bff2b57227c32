"""Authentication-Results (RFC 8601) of a configured relay.

The field with the relay's authserv-id must be the topmost one and the only one: a sender can add such a field to a
mail (T-18).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.mail.authentication_results import MethodResult, parse_results
from mailbot.mail.headers import decode_structured
from mailbot.mail.split import HeaderField
from mailbot.model.evidence import Result

_NAME = "authentication-results"
_AUTHSERV_ID = re.compile(r"\s*([A-Za-z0-9._-]{1,253})\s*(?:\s\d+\s*)?(?:;|$)")


@dataclass(frozen=True)
class TrustedResults:
    """The results of the relay.

    `from_domain`: header.from of dmarc; `signed_by`: header.d of each dkim=pass.
    """

    authserv_id: str
    dmarc: Result
    from_domain: str
    signed_by: tuple[str, ...]
    spf: Result = Result.NONE


def trusted_results(fields: Sequence[HeaderField], authserv_ids: frozenset[str]) -> TrustedResults | str | None:
    """The results; None without a field of a trusted authserv-id; a text when that field must not be used."""
    mine = [
        (at, field) for at, field in enumerate(fields) if field.name == _NAME and _has_trusted_id(field, authserv_ids)
    ]
    if not mine:
        return None
    others = [at for at, field in enumerate(fields) if field.name == _NAME]
    if len(mine) > 1:
        return "several Authentication-Results claim to be the relay's"
    if mine[0][0] != others[0]:
        return "the relay's Authentication-Results is not the topmost"
    text = decode_structured(mine[0][1].value)
    if text.count("(") != text.count(")") or '"' in text or mine[0][1].spaced:
        return "the relay's Authentication-Results has odd syntax"
    try:
        authserv_id, results = parse_results(text)
    except ValueError:
        return "the relay's Authentication-Results cannot be read"
    return _results(authserv_id, results, text)


def _has_trusted_id(field: HeaderField, authserv_ids: frozenset[str]) -> bool:
    match = _AUTHSERV_ID.match(decode_structured(field.value))
    return match is not None and match[1].lower() in authserv_ids


def _results(authserv_id: str, results: Sequence[MethodResult], text: str) -> TrustedResults | str:
    dmarc = [one for one in results if one.method == "dmarc"]
    if len(dmarc) != 1 or len(re.findall(r"\bdmarc\s*=", text, re.I)) != 1:
        return "the relay's Authentication-Results has not exactly one dmarc result"
    signed = (one for one in results if one.method == "dkim" and one.result == "pass")
    spf = [one for one in results if one.method == "spf"]
    return TrustedResults(
        authserv_id=authserv_id.lower(),
        dmarc=_result(dmarc[0].result),
        from_domain=_property(dmarc[0], "from").rpartition("@")[2],
        signed_by=tuple(domain for one in signed if (domain := _property(one, "d"))),
        spf=_result(spf[0].result) if len(spf) == 1 else Result.NONE,
    )


def _property(result: MethodResult, name: str) -> str:
    values = [value for kind, known, value in result.properties if (kind, known) == ("header", name)]
    return values[0].strip().rstrip(".").lower() if len(values) == 1 else ""


def _result(word: str) -> Result:
    return {"pass": Result.PASS, "fail": Result.FAIL, "temperror": Result.TEMPERROR, "permerror": Result.PERMERROR}.get(
        word, Result.NONE
    )
