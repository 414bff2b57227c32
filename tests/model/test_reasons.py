"""Every reason code that the program can write into the mail log stands in the table, and no other."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import mailbot
from mailbot.desk.incoming.authorization import TABLE
from mailbot.model.lifecycle import EVENTS
from mailbot.model.queued_mail import Disposition
from mailbot.model.reasons import REASONS, Reason, is_known
from mailbot.notices.contents.base import PaperKind
from mailbot.runners.smtp.replies import REPLACED
from tests.testkit.tables import each_row

PACKAGE = Path(mailbot.__file__).parent
TEMPLATES = PACKAGE.parent / "templates"
TOPICS = {path.name.split(".")[0] for path in (TEMPLATES / "answers").glob("*.ja.j2")}
# Functions whose string arguments are reason codes, or topics of answers, which become codes.
TAKES_REASONS = {"Outcome", "Automatic", "_quarantine", "refuse"}
TAKES_TOPICS = {"answer_to_sender", "answer_about", "_with_form", "_refused"}
READERS = ("mail/mime_limits.py", "mail/headers.py")  # they return a code beside an empty result
TOPICS_OF_REVIEWERS = "desk/review/answers.py"  # chooses one of several topics
CODE = re.compile(r"[a-z]+(?:[-_][a-z]+)*")


@cache
def produced() -> dict[str, str]:
    """Each code that the program can write → where, as its source tells."""
    found = {rule.authorization.reason: "authorization.TABLE" for rules in TABLE.values() for rule in rules}
    found |= {rule.reason: "lifecycle.EVENTS" for rule in EVENTS.values()}
    found |= {f"paper-{_code(kind.value)}": "PaperKind" for kind in PaperKind}
    found |= {_code(name): "replies.REPLACED" for name in REPLACED.values()}
    for path in sorted(PACKAGE.rglob("*.py")):
        where = path.relative_to(PACKAGE).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {_code(text): where for text in _codes_in(tree, where)}
    return {code: where for code, where in found.items() if code}


def _code(name: str) -> str:
    return name.replace("_", "-")


def _codes_in(tree: ast.Module, where: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.Assign) and "reason" in {one.id for one in node.targets if isinstance(one, ast.Name)}:
            yield from _strings([node.value])
        elif isinstance(node, ast.Constant) and where == TOPICS_OF_REVIEWERS and node.value in TOPICS:
            yield str(node.value)
        elif isinstance(node, ast.Return) and node.value is not None and where in READERS:
            yield from (text for text in _strings([node.value]) if "-" in text and "/" not in text)


def _of_call(node: ast.Call) -> Iterator[str]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in TAKES_REASONS:
        yield from _strings(node.args[:1] if name == "refuse" else node.args[1:2])
    if name in TAKES_TOPICS:
        yield from (text for text in _strings(node.args) if text in TOPICS)
    for keyword in node.keywords:
        if keyword.arg in ("reason", "unreadable"):
            yield from (text for text in _strings([keyword.value]) if CODE.fullmatch(text))


def _strings(nodes: list[ast.expr]) -> Iterator[str]:
    """The constants that an expression can be: itself, or one of the branches of a condition."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.IfExp):
            yield from _strings([node.body, node.orelse])
        elif isinstance(node, ast.Tuple):
            yield from _strings(node.elts)


def test_every_code_of_the_program_is_in_the_table() -> None:
    missing = {code: where for code, where in produced().items() if code not in REASONS}
    assert not missing, f"add to mailbot/model/reasons.py: {missing}"


def test_every_code_of_the_table_is_written_somewhere() -> None:
    codes = produced()
    never = [code for code in REASONS if code not in codes]
    assert not never, f"take out of mailbot/model/reasons.py, or look at tests/model/test_reasons.py: {never}"


def test_a_code_has_one_disposition() -> None:
    assert is_known("quarantined", "surprise")
    assert not is_known("answered", "surprise")
    assert not is_known("answered", "no-such-reason")
    assert {reason.disposition for reason in REASONS.values()} == set(Disposition)


@each_row("reason", REASONS.values())
def test_a_meaning_is_one_sentence(reason: Reason) -> None:
    assert reason.meaning.endswith(".")
    assert "\n" not in reason.meaning
