"""The staircase: who may import whom, and how large a room may grow (ARCHITECTURE.md)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mailbot"

GROUND = {"errors", "files", "text", "clock", "business_days", "logs"}
CRAFTS = {"mail", "forms", "procedures", "notices", "records"}
# room → the rooms it may import besides the ground and itself
STAIRCASE: dict[str, set[str]] = {
    **{room: set() for room in GROUND},
    "config": set(),
    "exposure": {"config"},
    "model": set(),
    **{room: {"model"} for room in CRAFTS},
    "desk": {"model", *CRAFTS} - {"procedures"},
    "runners": {"model", "desk", "mail", "records"},
    "token_keys": set(),
    "wiring": {"config", "model", "mail", "desk", "runners"},
    "app": {"model", "config", "desk", "wiring", "token_keys", *CRAFTS},
    "service": {"model", "config", "desk", "runners", "wiring", "records", "app"},
    "demo": {"model", "config", "desk", "runners", "records", "app", "service"},
    "commands": {"model", "config", "exposure", "desk", "forms", "records", "app", "service", "demo"},
    "cli": {"commands"},
    "__main__": {"cli"},
    "__init__": set(),
}
ONLY_IN = {
    "peewee": "records/",
    "playhouse": "records/",
    "jinja2": "notices/render.py",
    "aiosmtpd": "runners/",
    "aiosmtplib": "runners/",
    "imapclient": "runners/",
    "schedule": "runners/",
    "starlette": "runners/web/",
    "uvicorn": "runners/web/",
    "dns": "runners/",
    "dkim": "mail/",
    "spf": "mail/",
}
CEILING_LINES = 300
CEILING_FUNCTION = 50
HIRAGANA = re.compile("[\u3041-\u3096]")
# Where Japanese words are data: what people write, not what they read.
WORDS_ALLOWED = (
    "forms/",
    "procedures/",
    "model/",
    "mail/quoting.py",
    "mail/signatures.py",
    "mail/automatic.py",
    "mail/archive_password.py",
    "demo/",
    "config.py",
    "text.py",
)


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def room_of(name: str) -> str:
    return name.partition("/")[0].removesuffix(".py")


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def wrong_imports(name: str, tree: ast.Module) -> list[str]:
    room, wrong = room_of(name), []
    for target in imports(tree):
        top, _, rest = target.partition(".")
        if top == "mailbot" and rest:
            other = rest.partition(".")[0]
            if other not in GROUND | {room, "__version__"} | STAIRCASE[room]:
                wrong.append(f"{name} imports {target}")
            if room == "procedures" == other and name.count("/") > 1 and rest.split(".")[1] != name.split("/")[1]:
                wrong.append(f"{name} imports its sibling {target}")
        elif top in ONLY_IN and not name.startswith(ONLY_IN[top]):
            wrong.append(f"{name} imports {target}, which belongs to {ONLY_IN[top]}")
    return wrong


def japanese_sentences(name: str, tree: ast.Module) -> list[str]:
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    if name.startswith(WORDS_ALLOWED):
        return []
    return [
        f"{name}:{node.lineno} {node.value!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
        and HIRAGANA.search(node.value)
    ]


def test_everything_is_imported_down_the_staircase() -> None:
    assert [wrong for name, tree in modules() for wrong in wrong_imports(name, tree)] == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("mail/x.py", "from mailbot.forms.read import read_form"),
        ("model/x.py", "from mailbot.records import inbox"),
        ("text.py", "import mailbot.model.people"),
        ("records/x.py", "from mailbot.desk.tools import Tools"),
        ("desk/x.py", "import peewee"),
        ("notices/write.py", "import jinja2"),
        ("desk/x.py", "from mailbot.app import Service"),
        ("procedures/a/rules.py", "from mailbot.procedures.b.rules import check"),
        ("forms/x.py", "def f():\n    from mailbot.mail import message"),
    ],
)
def test_the_checker_sees_a_wrong_import(name: str, source: str) -> None:
    assert wrong_imports(name, ast.parse(source))


def test_what_people_read_is_in_templates() -> None:
    assert [found for name, tree in modules() for found in japanese_sentences(name, tree)] == []
    assert japanese_sentences("desk/x.py", ast.parse("x = 'お待ちください'"))


def test_no_file_and_no_function_is_too_large() -> None:
    large = []
    for name, tree in modules():
        lines = (PACKAGE / name).read_text(encoding="utf-8").count("\n")
        # all tables stand in one file, so that the whole store can be read from top to bottom
        if lines > CEILING_LINES and "migrations/" not in name and name != "records/tables.py":
            large.append(f"{name}: {lines} lines")
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > CEILING_FUNCTION:
                    large.append(f"{name}:{node.lineno} {node.name}: {length} lines")
    assert large == []


def test_every_file_says_what_it_is() -> None:
    assert [name for name, tree in modules() if not ast.get_docstring(tree)] == []


def test_a_state_changes_in_one_function_only() -> None:
    """Only records.applications writes the state of an application."""
    writers = [
        name
        for name, tree in modules()
        if any(
            isinstance(node, ast.Attribute)
            and node.attr in ("update", "create", "insert", "replace", "delete")
            and isinstance(node.value, ast.Name)
            and node.value.id == "ApplicationRow"
            for node in ast.walk(tree)
        )
    ]
    assert writers == ["records/applications.py"]
