"""Pictures of an office's pages: `python -m tests.pages.page_pictures FOLDER`, with whatever mailbot is on PYTHONPATH."""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.testkit.chromium import DESK, PHONE, Chromium, chromium
from tests.testkit.desk import open_desk_under_test
from tests.testkit.office_scenes import PASSWORDS, lived_in, served

COLOURS = 16  # of a palette: enough for text on a few grounds, and a picture stays below some 50 KB
MOST = 1_400  # CSS pixels of a page that are drawn
SHOWN = ("asked", "starting", "viewable")


def write_png(png: bytes, path: Path) -> None:
    """A picture with a palette of few colours, which makes it a fifth as large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


def draw(browser: Chromium, into: Path) -> None:
    """The log-in, the first page, and applications in several states, at both widths; the first page also dark."""
    with tempfile.TemporaryDirectory() as name:
        desk = open_desk_under_test(Path(name))
        numbers = lived_in(desk)
        with served(desk) as base:
            draw_page(browser, f"{base}/applications/{numbers['asked']}", into / "log-in")
            browser.opens(base)
            browser.types("code", "NAC001")
            browser.types("password", PASSWORDS["NAC001"])
            browser.presses("main form[action='/login'] button")
            draw_page(browser, f"{base}/applications", into / "home", dark=True)
            for what in SHOWN:
                draw_page(browser, f"{base}/applications/{numbers[what]}", into / what)
        desk.store.close()


def draw_page(browser: Chromium, url: str, path: Path, *, dark: bool = False) -> None:
    """A page at both widths, `path` with the width added to its name; with `dark` also in dark colours."""
    browser.opens(url)
    shoot(browser, path, dark=dark)


def shoot(browser: Chromium, path: Path, *, dark: bool = False) -> None:
    """The page that is open."""
    for size in (DESK, PHONE):
        browser.shows(size)
        write_png(browser.picture(most=MOST), path.with_name(f"{path.name}-{size[0]}.png"))
    if dark:
        browser.shows(DESK, dark=True)
        write_png(browser.picture(most=MOST), path.with_name(f"{path.name}-{DESK[0]}-dark.png"))


if __name__ == "__main__":
    with chromium() as one:
        draw(one, Path(sys.argv[1]))
