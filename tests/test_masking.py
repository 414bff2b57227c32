"""Tests of mailbot.masking: no secret of a token or link stays readable, however a mail client has wrapped it."""

import json

import pytest

from mailbot.masking import mask_tokens, without_reply_links

ID, SECRET, MAC = "abcdefgh", "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnop"
TOKEN = f"{ID}.{SECRET}.{MAC}"
# Of the lengths of a token, with and without line breaks; what follows is no identifier.
SENTENCES = (
    "Hello desk.\nPlease send us the form\ntoday ok. I would like to know when it comes.",
    "I have a question. We will send the forms to you now. I would like to know when that is.\n\nTaro",
    "see /link/list and the new user code there for it",
)
LINK = f"https://pages.example/link/{SECRET}"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"to desk+{TOKEN}@desk.example.", f"to desk+{ID}.•••@desk.example."),
        (f"desk+{TOKEN.upper()}@desk.example", f"desk+{ID.upper()}.•••@desk.example"),
        (f"{TOKEN} and {TOKEN}", f"{ID}.••• and {ID}.•••"),
        (f"> desk+{TOKEN[:20]}\r\n> {TOKEN[20:]}@desk.example", f"> desk+{ID}.•••@desk.example"),
        (f"{TOKEN[:8]}\n| >{TOKEN[8:40]}\n\n{TOKEN[40:]} x", f"{ID}\n| >.••• x"),
        (json.dumps(f"a\n{TOKEN[:30]}\n  {TOKEN[30:]}\nb"), f'"a\\n{ID}.•••\\nb"'),
        (f"> desk+{TOKEN[:5]}\r\n> {TOKEN[5:]}", f"> desk+{ID[:5]}\r\n> {ID[5:]}.•••"),
        (f"open {LINK} now", "open https://pages.example/link/••• now"),
        (f"> {LINK[:40]}\r\n> {LINK[40:]}\r\n> and", "> https://pages.example/link/•••\r\n> and"),
        (f"{ID}.{SECRET[:-1]}.{MAC}", f"{ID}.{SECRET[:-1]}.{MAC}"),  # no token
        *((text, text) for text in SENTENCES),
        (
            "お世話になっております。\n\n通関 太郎 taro@naxtrade.example",
            "お世話になっております。\n\n通関 太郎 taro@naxtrade.example",
        ),
    ],
)
def test_texts(text: str, masked: str) -> None:
    assert mask_tokens(text) == masked


def test_links_to_reply_are_removed() -> None:
    assert (
        without_reply_links(f"確認 <mailto:desk+{TOKEN}@desk.example?subject=x> です {TOKEN}") == f"確認  です {ID}.•••"
    )


@pytest.mark.parametrize(
    "piece", ["abcdefgh\n", "\n", "abcdefgh." + "\n" * 50, f"{ID}.{SECRET[:25]}\n", "\\n", ".a>", "/link/", "/link/\na"]
)
def test_no_text_takes_for_ever(piece: str) -> None:
    """T-78; whatever is repeated, in front of a token too."""
    text = piece * (200_000 // len(piece))
    assert mask_tokens(text) == text
    assert SECRET not in mask_tokens(f"{text} {TOKEN[:20]}\n{TOKEN[20:]}")
