"""An operator's file of the same name wins over any template of ours."""

import itertools
import os
import shutil
from pathlib import Path

from mailbot.model.people import Language
from mailbot.notices.contents.applicant import Received
from mailbot.notices.render import Renderer, _environments
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


def test_files_that_change_while_the_desk_runs(tmp_path: Path) -> None:
    """Compiled templates are shared by all renderers of the same folders, and compiled again a second after a change."""
    (tmp_path / "layouts").mkdir()
    closing, reach = tmp_path / "layouts/closing.ja.j2", tmp_path / "layouts/reach.ja.j2"
    seconds = itertools.count()  # a second passes whenever the renderer asks
    words = {p.name: p.words for p in samples.PROCEDURES.values()}
    writer = NoticeWriter(Renderer((tmp_path, samples.TEMPLATES), words, lambda: float(next(seconds))), samples.DESK)

    def text() -> str:
        return writer.write(Received(case=samples.case(samples.RECEIVED)), samples.contact(JA)).text

    assert "ご返信は、担当者が拝見します。" in text()
    closing.write_text("電話でもお受けします。")  # a new file
    assert "電話でもお受けします。" in text()
    closing.write_text("窓口でもお受けします。")
    os.utime(closing, (0, 0))  # another time of change, however fast the test is
    reach.write_text("内線一番")
    assert "窓口でもお受けします。" in text()
    assert "内線一番" in text()
    closing.unlink()
    assert "ご返信は、担当者が拝見します。" in text()
    notice = tmp_path / "notices/received.ja.j2"  # runs in the sandbox, with all that it includes
    notice.parent.mkdir()
    notice.write_text(
        (samples.TEMPLATES / "notices/received.ja.j2").read_text().replace("を受け付けました", "を拝受しました")
    )
    assert "を拝受しました" in text()
    parts = tmp_path / "parts.ja.j2"
    parts.write_text((samples.TEMPLATES / "parts.ja.j2").read_text().replace("申込担当者", "ご担当"))
    assert "ご担当" in text()
    parts.write_text(parts.read_text().replace("ご担当", "御担当"))
    os.utime(parts, (0, 0))
    assert "御担当" in text()
    parts.unlink()
    notice.unlink()
    assert "申込担当者" in text()
    assert "を受け付けました" in text()


def test_a_template_of_the_program_that_changes(tmp_path: Path) -> None:
    """Looked at once a second, not with each notice."""
    program = tmp_path / "program"
    shutil.copytree(samples.TEMPLATES, program)
    now = [0.0]
    words = {p.name: p.words for p in samples.PROCEDURES.values()}
    writer = NoticeWriter(Renderer((program,), words, lambda: now[0]), samples.DESK)

    def text() -> str:
        return writer.write(Received(case=samples.case(samples.RECEIVED)), samples.contact(JA)).text

    assert "2600001C" in text()
    layout = program / "layouts/text.j2"  # of which a module is kept
    layout.write_text(layout.read_text().replace("■", "◆"))
    os.utime(layout, (0, 0))
    now[0] = 0.9
    assert "◆" not in text()
    now[0] = 1.0
    assert "◆" in text()


def test_what_is_kept_does_not_depend_on_the_notice(tmp_path: Path) -> None:
    """A module that looks at the notice is made for each; so is one of an operator's own, whatever it looks at."""
    (tmp_path / "names.ja.j2").write_text((samples.TEMPLATES / "names.ja.j2").read_text())
    for folders in ((samples.TEMPLATES,), (tmp_path, samples.TEMPLATES)):
        text, html = _environments(folders, ())
        for environment in (text, html):
            assert environment.get_template("layouts/text.j2").make_module({"lang": JA}) is environment.get_template(
                "layouts/text.j2"
            ).make_module({"lang": JA})
            english = environment.get_template("layouts/text.j2").make_module({"lang": Language.EN})
            assert english.colon == ": "
            parts = environment.get_template("parts.ja.j2")
            assert parts.make_module({"procedure_name": ""}) is not parts.make_module({"procedure_name": ""})
    names = text.get_template("names.ja.j2")
    assert names.make_module({}) is not names.make_module({})


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
