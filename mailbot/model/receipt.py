"""Receipt numbers (申込受付番号): two-digit year, 5-digit sequence and category letter, e.g. `2101910C`.

From the 100,000th application of a year on the sequence has six digits (`26100000C`), the first of which is not 0, so
that each number is written in one way.
"""

import re
from dataclasses import dataclass

from mailbot.model.people import Category
from mailbot.text import fold_code

RECEIPT = r"\d{2}(?:\d{5}|[1-9]\d{5})[A-Ca-c]"  # in NFKC, for the patterns of other modules
LAST_SEQUENCE = 999_999
_WHOLE = re.compile(r"(\d{2})(\d{5}|[1-9]\d{5})([ABC])", re.ASCII)
_SOMEWHERE = re.compile(rf"(?<![0-9A-Z])({RECEIPT})(?![0-9A-Z])", re.ASCII)


@dataclass(frozen=True)
class ReceiptEnd:
    """A receipt number without its year, as people write it: `7896` or `07896C` for `2607896C`."""

    sequence: int
    category: Category | None = None

    def fits(self, other: "ReceiptEnd") -> bool:
        """Whether both can mean the same application."""
        return self.sequence == other.sequence and (None in (self.category, other.category) or self == other)


@dataclass(frozen=True, order=True)
class ReceiptNumber:
    """A receipt number.  The sequence restarts each year (Asia/Tokyo) and is never reused."""

    year: int  # the last two digits
    sequence: int
    category: Category

    def __str__(self) -> str:
        return f"{self.year:02d}{self.sequence:05d}{self.category.value}"

    @classmethod
    def parse(cls, text: str) -> "ReceiptNumber":
        """The receipt number in `text`, of any width and case.  Raises ValueError when it is none."""
        match = _WHOLE.fullmatch(fold_code(text).strip("[]【】"))
        if match is None:
            raise ValueError(f"not a receipt number: {text!r} (expected e.g. 2600001C)")
        return cls(int(match[1]), int(match[2]), Category(match[3]))

    @property
    def end(self) -> "ReceiptEnd":
        """The number as people shorten it, with its letter."""
        return ReceiptEnd(self.sequence, self.category)

    @classmethod
    def find(cls, text: str) -> "ReceiptNumber | None":
        """The first receipt number in `text` (such as a Subject), or None."""
        return next(iter(cls.find_all(text)), None)

    @classmethod
    def find_all(cls, text: str) -> "tuple[ReceiptNumber, ...]":
        """The receipt numbers in `text`, in their order."""
        return tuple(map(cls.parse, _SOMEWHERE.findall(" ".join(fold_code(word) for word in text.split()))))
