"""The layers: which package may import which, and how large a module may grow (ARCHITECTURE.md)."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mailbot"

GROUND = {
    "errors",
    "files",
    "file_names",
    "key_files",
    "lines",
    "text",
    "trusted_files",
    "patterns",
    "clock",
    "business_days",
    "logs",
    "masking",
    "zip_files",
    "base64_lines",
}
STRANGERS = {"mail", "forms", "procedures", "notices", "records", "register_files"}  # none imports another
# package → the packages it may import besides the ground and itself
LAYERS: dict[str, set[str]] = {
    **{package: set() for package in GROUND},
    "config_servers": set(),
    "config": {"config_servers"},
    "config_example": {"config"},
    "model": set(),
    **{package: {"model"} for package in STRANGERS},
    "notice_samples": {"model", "notices", "procedures"},
    "desk": {"model", *STRANGERS} - {"procedures"},
    "runners": {"model", "desk", "mail", "records"},
    "app": {"config", "model", "desk", "runners", "notice_samples", *STRANGERS},
    "demo": {"config", "model", "notices", "desk", "runners", "records", "register_files", "app"},
    "commands": {
        *(
            "config",
            "config_example",
            "model",
            "desk",
            "forms",
            "procedures",
            "records",
            "register_files",
            "app",
            "demo",
        )
    },
    "cli": {"commands"},
    "__main__": {"cli"},
    "__init__": set(),
}
# The same inside desk/: part → the parts it may import besides the context and itself
DESK_LAYERS: dict[str, set[str]] = {
    "context": set(),
    "cases": set(),
    "incoming": set(),
    "outgoing": {"cases", "incoming"},
    "incoming_log": {"incoming", "outgoing"},
    "website": {"applications", "cases", "outgoing"},
    "pages": {"cases", "incoming", "outgoing", "review", "inquiries", "website", "operations", "operators"},
    "answers": {"cases", "incoming", "outgoing", "applications"},
    "review": {"cases", "incoming", "outgoing"},
    "inquiries": {"cases", "incoming", "outgoing", "answers"},
    "applications": {"cases", "incoming", "outgoing", "review"},
    "operations": {"incoming", "outgoing", "inquiries"},
    "calendar": {"cases", "outgoing", "review", "inquiries", "operations"},
    "reception": {
        *("incoming", "incoming_log", "outgoing", "answers", "review", "inquiries", "applications", "operations")
    },
    "unhandled": {"incoming", "outgoing"},
    "operators": {"cases", "incoming", "outgoing", "review", "reception"},
    "__init__": set(),
}
ONLY_IN = {
    "peewee": "records/",
    "playhouse": "records/",
    "jinja2": (
        "notices/render.py",
        "notices/sandbox.py",
        "notices/template_environment.py",
        "notices/template_faults.py",
    ),
    "prometheus_client": "runners/metrics.py",
    "icalendar": "notices/calendar_file.py",
    "aiosmtpd": "runners/",
    "aiosmtplib": "runners/",
    "imapclient": "runners/",
    "schedule": "runners/",
    "starlette": "runners/web/",
    "python_multipart": "runners/web/",
    "h11": "runners/web/",
    "uvicorn": "runners/web/",
    "dns": "runners/",
    "spf": "mail/",
    "msal": "runners/token_providers.py",
    "google": "runners/token_providers.py",
    "nh3": "mail/",
}
# records/ is SQL only: no file formats, no wire formats.
NOT_IN_RECORDS = {"tomllib", "tomli_w", "csv", "openpyxl", "pydantic", "email"}
CEILING_LINES = 300
CEILING_FUNCTION = 50
HIRAGANA = re.compile("[\u3041-\u3096]")
# Where Japanese words are data: what people write, and where a line may break; not what they read.
WORDS_ALLOWED = (
    "forms/",
    "procedures/",
    "model/",
    "notices/phrases.py",
    "mail/quoting.py",
    "mail/signature_block.py",
    "mail/added_words.py",
    "mail/body_parts.py",
    "mail/bounces.py",
    "mail/quote_patterns.py",
    "mail/automatic.py",
    "mail/archive_password.py",
    "demo/",
    "notice_samples/",
    "config.py",
    "text.py",
    "lines.py",
)


@cache
def modules() -> list[tuple[str, ast.Module]]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return [(path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def package_of(name: str) -> str:
    return name.partition("/")[0].removesuffix(".py")


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def wrong_imports(name: str, tree: ast.Module) -> list[str]:
    """What the module `name` imports against the layers, in words."""
    package, wrong = package_of(name), []
    for target in imports(tree):
        top, _, rest = target.partition(".")
        if top == "mailbot" and rest:
            other = rest.partition(".")[0]
            if other not in GROUND | {package, "__version__"} | LAYERS[package]:
                wrong.append(f"{name} imports {target}")
            if package == other and _is_wrong_inside(package, name, rest):
                wrong.append(f"{name} imports {target} of the same package")
        elif top in ONLY_IN and not name.startswith(ONLY_IN[top]):
            wrong.append(f"{name} imports {target}, which belongs to {ONLY_IN[top]}")
        elif top in NOT_IN_RECORDS and package == "records":
            wrong.append(f"{name} imports {target}: records/ is SQL only")
    return wrong


def _is_wrong_inside(package: str, name: str, target: str) -> bool:
    """Procedures do not import one another; the parts of desk/ have layers of their own."""
    part, other = package_of(name.partition("/")[2]), target.split(".")[1]
    if package == "procedures":
        return name.count("/") > 1 and other != part
    return package == "desk" and other not in {part, "context"} | DESK_LAYERS[part]


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


def test_imports_go_down_the_layers() -> None:
    assert [wrong for name, tree in modules() for wrong in wrong_imports(name, tree)] == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("mail/x.py", "from mailbot.forms.read import read_form"),
        ("model/x.py", "from mailbot.records import inbox"),
        ("text.py", "import mailbot.model.people"),
        ("records/x.py", "from mailbot.desk.context import DeskContext"),
        ("desk/context.py", "import peewee"),
        ("desk/cases/x.py", "from mailbot.desk.outgoing.outcome import Outcome"),
        ("desk/review/x.py", "from mailbot.desk.calendar import digest"),
        ("records/queues/x.py", "import csv"),
        ("records/x.py", "from mailbot.register_files import register_file"),
        ("notices/write.py", "import jinja2"),
        ("desk/context.py", "from mailbot.app.server import DeskServer"),
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
        if name.startswith("notice_samples/"):  # tables of what people write
            continue
        if lines > CEILING_LINES and "migrations/" not in name:
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
    """Only records/applications/application_store.py writes the state of an application, with its statements."""
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
    assert writers == [f"records/applications/application_{name}.py" for name in ("statements", "store")]
    users = [name for name, _ in modules() if "application_statements" in (PACKAGE / name).read_text(encoding="utf-8")]
    assert users == ["records/applications/application_store.py"]
