"""What the web server reads of a request: a form, the preferred language, the page that somebody was going to."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from mailbot.model.people import Language
from mailbot.model.receipt import ReceiptNumber

MAX_FORM_BYTES = 8_192
MAX_FIELDS = 10
Pairs = list[tuple[str, str]]
LONGEST_NUMBER = 20  # characters of what may be a receipt number


async def fields_of(request: Request, most_bytes: int = MAX_FORM_BYTES, most_fields: int = MAX_FIELDS) -> Pairs:
    """The fields of a form, in their order; none when the body is too large or is not a form."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return []
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > most_bytes:
            return []
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=most_fields)
    except ValueError:  # not ASCII, or too many fields
        return []


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, the first of each name; none when the body is too large or is not a form."""
    return {name: value for name, value in reversed(await fields_of(request))}


def language_of(request: Request) -> Language:
    """English when Accept-Language prefers it and does not contain Japanese."""
    wanted = request.headers.get("accept-language", "ja").lower()
    return Language.EN if wanted.startswith("en") and "ja" not in wanted else Language.JA


def receipt_in(text: str) -> str:
    """The receipt number that `text` is, as it is written; "" when it is none.  Whether there is one is not said."""
    if len(text) > LONGEST_NUMBER:
        return ""
    try:
        return str(ReceiptNumber.parse(text))
    except ValueError:
        return ""


def page_of(receipt: str) -> str:
    """The path of an application's page; that of the overview for ""."""
    return f"/applications/{receipt}" if receipt else "/applications"
