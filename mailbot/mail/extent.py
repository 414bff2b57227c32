"""How much of a mail is read: of a sender who may not act, only what is needed to quarantine it or to ask back."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Extent:
    """The bounds.  What lies beyond them stays closed: it is neither decoded nor opened."""

    octets: int  # of the mail, for the MIME parser; its header section is read in any case
    text: int  # characters of the text part
    page: int  # octets of an HTML part; a longer one is not laid out
    files: bool  # whether attached files are decoded


LARGEST_TEXT = 200_000  # characters
WHOLE = Extent(octets=2**62, text=LARGEST_TEXT, page=2**62, files=True)
# A registered person who must confirm the mail first: what it asks for, and that files are attached.
UNOPENED = Extent(octets=2**62, text=20_000, page=100_000, files=False)
# Nobody who may act: enough to recognise a report or an automatic reply, and for the log.
BRIEF = Extent(octets=256 * 1024, text=10_000, page=20_000, files=False)
