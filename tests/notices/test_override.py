"""An operator's file of the same name wins over any template of ours."""

import os
from pathlib import Path

from mailbot.model.people import Language
from mailbot.notices.contents.applicant import Received
from mailbot.notices.render import Renderer
from mailbot.notices.write import NoticeWriter
from tests.testkit.notices import samples

JA = Language.JA


def _received(folder: Path) -> str:
    writer = samples.make_writer(folder)
    return writer.write(Received(case=samples.case(samples.RECEIVED)), samples.contact(JA)).text


def test_a_whole_notice(tmp_path: Path) -> None:
    (tmp_path / "notices").mkdir()
    (tmp_path / "notices/received.ja.j2").write_text(
        "{% extends frame %}{% block headline %}受け付けました{% endblock %}{% block lead %}当社の言葉です。{% endblock %}"
    )
    words = samples.make_writer(tmp_path).write(Received(case=samples.case(samples.RECEIVED)), samples.contact(JA))
    assert words.subject == "受け付けました [2600001C]"
    assert "当社の言葉です。" in words.text
    assert "当社の言葉です。" in words.html


def test_a_part_of_all(tmp_path: Path) -> None:
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts/closing.ja.j2").write_text("電話でもお受けします。")
    assert "電話でもお受けします。" in _received(tmp_path)


def test_a_file_that_changes_while_the_desk_runs(tmp_path: Path) -> None:
    """Compiled templates are shared by all renderers of the same folders, and compiled again after a change."""
    (tmp_path / "layouts").mkdir()
    file = tmp_path / "layouts/closing.ja.j2"
    file.write_text("電話でもお受けします。")
    assert "電話でもお受けします。" in _received(tmp_path)
    file.write_text("窓口でもお受けします。")
    os.utime(file, (0, 0))  # another time of change, however fast the test is
    assert "窓口でもお受けします。" in _received(tmp_path)


def test_the_words_of_a_procedure(tmp_path: Path) -> None:
    folder = tmp_path / "procedure/password_reset"
    folder.mkdir(parents=True)
    (folder / "received.ja.j2").write_text("{% call m.paragraph() %}手続の言葉です。{% endcall %}")
    assert "手続の言葉です。" in _received(tmp_path)
    assert "最短日での審査" not in _received(tmp_path)


def test_a_procedure_without_words_adds_nothing(tmp_path: Path) -> None:
    writer = NoticeWriter(Renderer([samples.TEMPLATES], {"password_reset": tmp_path}), samples.DESK)
    text = writer.write(Received(case=samples.case(samples.RECEIVED)), samples.contact(JA)).text
    assert "2600001C" in text
    assert "最短日での審査" not in text
