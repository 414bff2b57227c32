"""What the web server reads of a request: a form, the preferred language, the page that somebody was going to."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from mailbot.model.people import Language
from mailbot.model.receipt import ReceiptNumber

MAX_FORM_BYTES = 8_192
MAX_FIELDS = 10
LONGEST_NUMBER = 20  # characters of what may be a receipt number


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, the first of each name; none when the body is too large or is not a form."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM_BYTES:
            return {}
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:  # not ASCII, or too many fields
        return {}
    return {name: value for name, value in reversed(pairs)}


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
