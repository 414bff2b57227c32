"""`mailbot demo` as a whole, over real SMTP on loopback."""

import re
from pathlib import Path

from mailbot.config import load
from mailbot.demo.story import read_story
from tests.testkit.command_line import mailbot

STEPS = 13


def test_the_demo_tells_the_story_of_every_procedure(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    output = mailbot(tmp_path, "demo", "--keep", str(folder))
    mails = sorted(path.suffix for path in (folder / "mails").iterdir())
    assert mails.count(".eml") == mails.count(".html") - 2 == 48

    opening, *steps = output.split("\n── ")
    assert all(role in opening for role in ("申込担当者", "管理責任者", "審査担当者", "applicant", "reviewer"))
    assert len(steps) == STEPS
    for step in steps:
        _, ja, en = step.splitlines()[:3]
        assert ja.endswith("。") and en.endswith("."), step
        subjects = [line for line in re.split(r"\n +デスク → ", step)[1:] if "お知らせ" not in line]
        assert len({line.split("\n")[1] for line in subjects}) == len(subjects), "a notice is printed twice"
    for name in re.findall(r"mails/\S+\.html", output):
        assert (folder / name).is_file(), name

    closing = output.partition("できあがり")[2]
    assert all(one in closing for one in (f"{folder}/mails/", "log list", "serve --roles web", "docs/README.md"))
    config = load(folder / "config.toml", {})
    assert config.relay.host == "" and config.desk.base_url in closing
    command = re.search(r"(--config \S+ applications show \S+)", closing)
    assert command is not None and "確認完了" in mailbot(tmp_path, *command[1].split())


def test_names_are_in_the_order_of_the_list_of_people() -> None:
    story = read_story()
    assert story.names(["hanako@naxtrade.example", "taro@naxtrade.example"]) == (
        "通関 太郎（申込担当者）、管理 花子（管理責任者）"
    )
