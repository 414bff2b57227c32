"""How long each notice is on a telephone, as Chromium lays it out, and how large its HTML part is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.testkit.chromium import PHONE, Chromium, file_url

GOLDEN = Path(__file__).parents[1] / "notices" / "golden"
MOST_BYTES = 16 * 1024
# Kinds of notices by how their names begin → screens of a telephone; the others have no limit.
MOST_SCREENS = {"received": 2.0, "completed": 2.5}


@dataclass(frozen=True)
class Length:
    """One notice in one language.  `name`: of its golden file, without `.html`."""

    name: str
    screens: float  # of 375 × 667 CSS pixels
    octets: int

    @property
    def most_screens(self) -> float | None:
        """What it may have, None without a limit."""
        return next((most for kind, most in MOST_SCREENS.items() if self.name.startswith(kind)), None)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is too much, in words."""
        most = self.most_screens
        screens = f"{self.screens:.2f} screens instead of {most}" if most is not None and self.screens > most else ""
        octets = f"{self.octets} octets instead of {MOST_BYTES}" if self.octets > MOST_BYTES else ""
        return tuple(filter(None, (screens, octets)))


def golden_html(folder: Path = GOLDEN) -> list[Path]:
    """The golden HTML parts, by name."""
    return sorted(folder.glob("*.html"))


def measure(browser: Chromium, files: Iterable[Path]) -> Iterator[Length]:
    """Each of `files`, shown on a telephone."""
    browser.shows(PHONE)
    for file in files:
        browser.opens(file_url(file))
        yield Length(file.name.removesuffix(".html"), browser.height() / PHONE[1], file.stat().st_size)


def table(lengths: Iterable[Length]) -> str:
    """One line for each notice, the longest first; those with a `!` exceed a limit."""
    rows = [
        f"{'!' if one.problems else ' '} {one.screens:5.2f} {one.octets:6d}  {one.name}"
        for one in sorted(lengths, key=lambda one: -one.screens)
    ]
    return "\n".join(["  screens bytes", *rows])
