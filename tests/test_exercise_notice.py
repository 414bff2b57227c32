"""Exercise (c) of docs/how-to/change-the-program.md: a new kind of notice, made in a copy of the program."""

import shutil
from pathlib import Path

from tests.test_exercises import Edit, copy_program, run_copy

ROOT = Path(__file__).parents[1]

KIND = Edit(
    "mailbot/model/notice.py",
    '    REVIEW_DELAYED = "review_delayed"  # 審査遅延のお知らせ\n',
    behind='    LAPSED = "lapsed"  # 無効\n',
)
CONTENT = Edit(
    "mailbot/notices/contents/applicant.py",
    '''

@dataclass(frozen=True, kw_only=True)
class ReviewDelayed(AboutCase):
    """審査遅延のお知らせ: the review takes longer than usual, until about `expected`."""

    kind = NoticeKind.REVIEW_DELAYED
    template = "notices/review_delayed"
    expected: date

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del letterhead
        return {"expected": day(self.expected, to.language)}
''',
    behind="""\
    kind = NoticeKind.LAPSED
    template = "notices/lapsed"
""",
)
TEMPLATE = """\
{{#- {comment} -#}}
{{% extends frame %}}
{{% import macros as m with context %}}
{{% import "parts.{language}.j2" as p with context %}}
{{% block tone %}}info{{% endblock %}}
{{% block headline %}}{headline}{{% endblock %}}
{{% block lead %}}{lead}{{% endblock %}}
{{% block body %}}
{{{{ p.number() }}}}
{{% endblock %}}
"""
TEMPLATES = (
    Edit(
        "templates/notices/review_delayed.ja.j2",
        TEMPLATE.format(
            comment="審査遅延のお知らせ. `expected`.",
            language="ja",
            headline="【お知らせ】{{ case.title }}の申込の審査に時間を要しております",
            lead="審査の終了は {{ expected }} ごろとなる見込みです。",
        ),
    ),
    Edit(
        "templates/notices/review_delayed.en.j2",
        TEMPLATE.format(
            comment="The review takes longer than usual. `expected`.",
            language="en",
            headline="[Notice] The review of {{ case.title }} takes longer than usual",
            lead="We expect it to end about {{ expected }}.",
        ),
    ),
)
SAMPLE = (
    Edit(
        "mailbot/notice_samples/samples.py",
        '        "review_delayed": Sample(ReviewDelayed(case=case(RECEIVED), expected=date(2026, 12, 7)), to),\n',
        behind='        "lapsed": Sample(Lapsed(case=case(LAPSED)), to),\n',
    ),
    Edit(
        "mailbot/notice_samples/samples.py",
        "from mailbot.notices.contents.applicant import ReviewDelayed\n",
        behind="from mailbot.model.view_period import ViewPeriod\n",
    ),
)

COMPLAINTS = """
from tests.notices import test_kinds
try:
    test_kinds.test_each_kind_has_a_content_a_template_and_a_sample()
except AssertionError as error:
    for words in WANTED:
        assert words in str(error), (words, str(error))
    assert WANTED, str(error)
else:
    assert not WANTED, WANTED
"""
WRITTEN = """
from mailbot.model.people import Language
from tests.testkit.notices import samples
for language, words in (Language.JA, "2026年12月7日"), (Language.EN, "7 December 2026"):
    written = samples.notices(language)["review_delayed"].write(samples.make_writer())
    assert words in written.text.replace(chr(10), ""), written.text
    assert words in written.html
"""


def test_a_kind_of_notice(tmp_path: Path) -> None:
    """Four places: the kind, its content, its templates, its sample; and a test names each that is missing."""
    copy_program(tmp_path)
    for folder in ("tests/notices", "tests/testkit/notices"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("golden"))
    for package in ("tests", "tests/testkit"):
        shutil.copy(ROOT / package / "__init__.py", tmp_path / package)
    KIND.apply(tmp_path)
    wanted = ["write a subclass of Content with kind = NoticeKind.REVIEW_DELAYED"]
    run_copy(tmp_path, f"WANTED = {wanted!r}{COMPLAINTS}")
    CONTENT.apply(tmp_path)
    wanted = [f"add templates/notices/review_delayed.{language}.j2" for language in ("ja", "en")]
    wanted += ["add a sample of ReviewDelayed to mailbot/notice_samples/samples.py"]
    run_copy(tmp_path, f"WANTED = {wanted!r}{COMPLAINTS}")
    for edit in (*TEMPLATES, *SAMPLE):
        edit.apply(tmp_path)
    run_copy(tmp_path, f"WANTED = []{COMPLAINTS}{WRITTEN}")
