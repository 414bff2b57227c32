"""Pictures of notices and pages in real Chromium, and the lengths of the notices: `make pictures`, `make lengths`.

`python -m tests.pages.pictures` writes `docs/pictures/`; with `--lengths` it only measures and prints.
"""

import argparse
import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from tests.testkit.chromium import PHONE, Chromium, chromium, file_url
from tests.testkit.notice_lengths import GOLDEN, golden_html, measure, table

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
COLOURS = 8  # of a palette: enough for text on a few grounds, and a picture stays below some 60 KB
# The notices before they were made short: the last commit with them as they were.
BEFORE = "3d6dbf0"
NOTICES = (
    *("received", "received_mailbox_change", "needs_confirmation", "completed_page", "completed_mailbox_change"),
    *("review_request", "inquiry", "in_effect_mailbox_change", "draft", "completed_page.en"),
)


def write_png(png: bytes, path: Path) -> None:
    """A picture with a palette of few colours, which makes it a fifth as large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)


@contextmanager
def golden_at(commit: str) -> Iterator[Path]:
    """The golden files as they were at `commit`; an empty folder where git does not know it."""
    with tempfile.TemporaryDirectory() as name:
        archive = subprocess.run(
            ["git", "archive", commit, GOLDEN.relative_to(ROOT).as_posix()], cwd=ROOT, capture_output=True, check=False
        )
        if archive.returncode == 0:
            subprocess.run(["tar", "-x", "-C", name], input=archive.stdout, check=True)
        yield Path(name) / GOLDEN.relative_to(ROOT)


def draw_notices(browser: Chromium, golden: Path, into: Path) -> None:
    """Each of NOTICES on a telephone, whole."""
    browser.shows(PHONE)
    for name in NOTICES:
        file = golden / f"{name if '.' in name else f'{name}.ja'}.html"
        if file.is_file():
            browser.opens(file_url(file))
            write_png(browser.picture(), into / f"{file.stem}.png")


def main() -> int:
    """Draws, measures and prints.  Exits with 1 when a notice is longer than it may be."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lengths", action="store_true", help="measure only")
    options.add_argument("--golden", type=Path, default=GOLDEN, help="the folder of HTML parts to measure")
    options.add_argument("names", nargs="*", help="only notices whose names begin so")
    chosen = options.parse_args()
    with chromium() as browser:
        if not chosen.lengths:
            draw_notices(browser, GOLDEN, PICTURES / "notices")
            with golden_at(BEFORE) as before:
                draw_notices(browser, before, PICTURES / "notices-before")
        files = [f for f in golden_html(chosen.golden) if f.name.startswith(tuple(chosen.names) or "")]
        lengths = list(measure(browser, files))
    print(table(lengths))  # noqa: T201 - a command
    return any(one.problems for one in lengths)


if __name__ == "__main__":
    sys.exit(main())
