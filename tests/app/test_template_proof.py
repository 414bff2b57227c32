"""An operator's templates are read and rendered before the port opens: file, line, nearest known name."""

import re
from pathlib import Path

import pytest

from mailbot.app.template_names import known_names
from mailbot.app.template_proof import prove
from mailbot.notice_samples import samples
from mailbot.notices.template_faults import TemplateFault
from tests.testkit.command_line import mailbot
from tests.testkit.desk_folder import init

LEAD = "{%% extends frame %%}\n{%% import macros as m with context %%}\n{%% block headline %%}x{%% endblock %%}\n{%% block lead %%}%s{%% endblock %%}\n"
# What is written → (template, line, words of the fault).
FAULTY = {
    "{{ nosuch }}": (4, "nosuch is no value of a template"),
    "{{ answer_form }}": (4, "did you mean answer_from?"),
    "{{ case.recipt }}": (4, "did you mean receipt?"),
    "{{ m.paragaph() }}": (4, "did you mean paragraph?"),
    "{{ case.receipt | one_lines }}": (4, "did you mean one_line?"),
    "{% if x %}": (4, "endblock"),
    "{% fro a in b %}": (4, "did you mean from?"),
    "\n承認\n": (5, "«承認» is a keyword alone"),
    "\n  取下げ  \n": (5, "is a keyword alone"),
    "{% include 'layouts/nothing.j2' %}": (4, "there is no template layouts/nothing.j2"),
    "{{ 1 / 0 }}": (4, "division by zero"),
    "{{ ''.__class__ }}": (4, "unsafe"),
}


def own(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path) -> list[TemplateFault]:
    return prove(folder, samples.DESK)


def test_faults_have_file_line_and_nearest_name(tmp_path: Path) -> None:
    wrong = []
    for number, (words, (line, says)) in enumerate(FAULTY.items()):
        found = faults(own(tmp_path / str(number), "notices/view_ending.ja.j2", LEAD % words))
        if not any((one.name, one.line) == ("notices/view_ending.ja.j2", line) and says in one.what for one in found):
            wrong.append((words, found))
    assert wrong == []


@pytest.mark.parametrize(
    "name, text, says",
    [
        ("layouts/closing.ja.j2", "承\n{{ nosuch }}", "templates/layouts/closing.ja.j2:2: nosuch"),
        ("web/link.ja.j2", "{{ nosuch }}", "templates/web/link.ja.j2:1: nosuch"),
        ("papers/approval.ja.j2", "to = x\n", "the line «"),
        ("procedure/password_reset/received.ja.j2", "{{ case.nothing }}", "received.ja.j2:1: "),
        ("notices/view_ending.ja.j2", LEAD % "{{ '承' ~ '認' }}", "is a keyword alone"),
    ],
)
def test_each_kind_of_template_is_rendered(tmp_path: Path, name: str, text: str, says: str) -> None:
    found = [f"{one.where}: {one.what}" for one in faults(own(tmp_path, name, text))]
    assert any(says in one for one in found), found


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_copies_of_templates_have_no_faults(tmp_path: Path, every: bool) -> None:
    """Of a notice, an answer, a page and a paper; the slow test: of all, each in the sandbox."""
    some = {"notices/received.ja.j2", "answers/status.en.j2", "web/link.ja.j2", "papers/approval.ja.j2"}
    names = known_names().keys() if every else known_names().keys() & some
    assert len(names) >= len(some)
    for name in names:
        own(tmp_path, name, known_names()[name].read_text(encoding="utf-8"))
    assert faults(tmp_path) == []


def test_copy_diff_preview_and_what_an_upgrade_leaves_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for port in ("SMTP_PORT", "WEB_PORT", "WEB_HEALTH_PORT"):
        monkeypatch.setenv(f"MAILBOT_{port}", "0")  # others may use the usual ones
    init(tmp_path, "--sample", "--phone", "")
    assert "did you mean notices/view_ending" in mailbot(tmp_path, "templates", "copy", "view_endin", code=2)
    assert "view_ending.ja.j2" in mailbot(tmp_path, "templates", "copy", "view_ending.ja")
    file = tmp_path / "templates/notices/view_ending.ja.j2"
    assert "is there already" in mailbot(tmp_path, "templates", "copy", "view_ending.ja", code=2)
    file.write_text(file.read_text().replace("{% block lead %}", "{% block lead %}当社の言葉です。"))
    diff = mailbot(tmp_path, "templates", "diff", "view_ending.ja")
    assert "+{% block lead %}当社の言葉です。" in diff and "has changed since" not in diff
    assert "当社の言葉です。" in mailbot(tmp_path, "templates", "preview", "view_ending.ja").replace("\n", "")
    assert "no faults found" in mailbot(tmp_path, "templates", "check")
    original = tmp_path / "templates/.copied/notices/view_ending.ja.j2"
    original.write_text("older\n" + original.read_text())
    assert "-older" in mailbot(tmp_path, "templates", "diff", "view_ending.ja")
    assert re.search(r"view_ending.ja.j2 +はい +the program's has changed", mailbot(tmp_path, "templates", "list"))
    assert "notices/view_ending.ja.j2: the program's own template has changed" in mailbot(tmp_path, "doctor")
    mailbot(tmp_path, "templates", "copy", "view_ending.ja", "--keep")
    assert "has changed" not in mailbot(tmp_path, "doctor")
    assert "当社の言葉です。" in file.read_text()


def test_a_desk_with_a_faulty_template_does_not_start(tmp_path: Path) -> None:
    init(tmp_path, "--sample", "--phone", "")
    own(tmp_path / "templates", "notices/view_ending.ja.j2", LEAD % "{% if x %}")
    assert "templates/notices/view_ending.ja.j2:4: " in mailbot(tmp_path, "serve", code=1)
