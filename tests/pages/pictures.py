"""Pictures of notices and pages in real Chromium, and the lengths of the notices: `make pictures`, `make lengths`.

`python -m tests.pages.pictures` writes `docs/pictures/`; with `--lengths` it only measures and prints.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.pages import desk_pictures
from tests.pages.page_pictures import draw, write_png
from tests.testkit.chromium import PHONE, Chromium, chromium, file_url
from tests.testkit.notice_lengths import GOLDEN, golden_html, measure, table

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
BEFORE = "3d6dbf0"  # the commit whose notices and pages the new ones are compared with
MOST = 2 * PHONE[1]  # CSS pixels of a notice that are drawn: its first two screens
NOTICES = (
    *("received", "received_mailbox_change", "needs_confirmation", "completed_page", "completed_mailbox_change"),
    *("review_request", "inquiry", "in_effect_mailbox_change", "draft", "completed_page.en"),
)


@contextmanager
def exported(commit: str, *paths: str) -> Iterator[Path]:
    """A folder with `paths` as they were at `commit`; an empty one where git does not know it."""
    with tempfile.TemporaryDirectory() as name:
        archive = subprocess.run(["git", "archive", commit, *paths], cwd=ROOT, capture_output=True, check=False)
        if archive.returncode == 0:
            subprocess.run(["tar", "-x", "-C", name], input=archive.stdout, check=True)
        yield Path(name)


def draw_notices(browser: Chromium, golden: Path, into: Path) -> None:
    """Each of NOTICES on a telephone."""
    browser.shows(PHONE)
    for name in NOTICES:
        file = golden / f"{name if '.' in name else f'{name}.ja'}.html"
        if file.is_file():
            browser.opens(file_url(file))
            write_png(browser.picture(most=MOST), into / f"{file.stem}.png")


def draw_before(browser: Chromium) -> None:
    """Notices and pages of the commit BEFORE; the program of that time draws its pages with the tests of today."""
    golden = GOLDEN.relative_to(ROOT).as_posix()
    with exported(BEFORE, "mailbot", "templates", golden) as folder:
        draw_notices(browser, folder / golden, PICTURES / "notices-before")
        command = [sys.executable, "-m", "tests.pages.page_pictures", str(PICTURES / "pages-before")]
        (folder / "tests").rename(folder / "golden")  # else they would be taken for the tests of today
        environment = os.environ | {"PYTHONPATH": f"{folder}:{ROOT}"}
        if subprocess.run(command, cwd=folder, env=environment, check=False).returncode != 0:
            print("the pages of that time cannot be drawn any more; their pictures stay", file=sys.stderr)  # noqa: T201


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
            draw(browser, PICTURES / "pages")
            desk_pictures.draw(browser, PICTURES / "desk")
            draw_before(browser)
        files = [f for f in golden_html(chosen.golden) if f.name.startswith(tuple(chosen.names) or "")]
        lengths = list(measure(browser, files))
    print(table(lengths))  # noqa: T201 - a command
    return any(one.problems for one in lengths)


if __name__ == "__main__":
    sys.exit(main())
