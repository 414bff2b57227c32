"""The commands of docs/how-to/swaks.md, run unchanged against a desk."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.testkit.command_line import mailbot, served
from tests.testkit.desk_folder import init

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "swaks.md"


@pytest.fixture
def swaks() -> None:
    """Debian's swaks; the test is skipped if it is missing."""
    if shutil.which("swaks") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("swaks is missing; .ci/run installs it")
        pytest.skip("swaks is not installed (apt install swaks)")


def test_the_page_does_what_it_says(tmp_path: Path, swaks: None) -> None:
    init(tmp_path, "--sample")
    blocks = re.findall(r"```\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert len(blocks) == 2
    desk = served(tmp_path)
    port = desk.__enter__()
    said = typed(tmp_path, blocks[0], port)
    assert "250 2.0.0 Stored safely as #1" in said
    delivered(desk, 4)
    assert len(list((tmp_path / "store" / "sent").iterdir())) == 4
    decision, _, look = blocks[1].rpartition("mailbot ")
    assert "250 2.0.0 Stored safely as #2" in typed(tmp_path, decision, port)
    delivered(desk, 4)
    desk.process.terminate()
    desk.process.communicate(timeout=30)
    assert "completed" in mailbot(tmp_path, *look.split())


def typed(folder: Path, commands: str, port: int) -> str:
    done = subprocess.run(
        ["bash", "-e"],
        input=commands.replace("127.0.0.1:2525", f"127.0.0.1:{port}"),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def delivered(desk: served, count: int) -> None:
    """Read the desk's log lines until `count` notices were delivered."""
    assert desk.process.stderr is not None
    for line in desk.process.stderr:
        count -= "delivered" in line
        if count == 0:
            return
    raise AssertionError("the desk ended")
