"""The pages say what is true: the generated ones are what the code gives, and every link leads somewhere.

`make docs` writes the generated pages anew.
"""

import ast
import os
import re
from pathlib import Path

import click
import pytest

from mailbot.cli import cli
from mailbot.config import Config
from mailbot.model.lifecycle import FINISHED_STATES, TRANSITIONS, State
from tests.threats.rows import ROWS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "bench" / "README.md", ROOT / "store" / "README.md"]
JAPANESE = {
    State.DRAFT: "一時保存",
    State.RECEIVED: "受付",
    State.NEEDS_CONFIRMATION: "内容確認",
    State.COMPLETED: "審査終了",
    State.WITHDRAWN: "取下げ",
    State.LAPSED: "無効",
}
CITATION = re.compile(
    r"\bRFC \d{3,5}(?: §[\d.]+)?|(?<![A-Za-z0-9])S[0-4](?![A-Za-z0-9-])|\bT-\d{1,3}\b|\bCVE-\d{4}-\d+"
)


def lifecycle_page() -> str:
    lines = [
        "# Life-cycle",
        "",
        "Drawn from `model/lifecycle.py`; every step is a row of the history, and nothing else changes a state.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        *(f"    {state.value}: {JAPANESE[state]} ({state.value})" for state in State),
        "    [*] --> draft",
        *(f"    {state.value} --> {after.value}: {event.value}" for (state, event), after in TRANSITIONS.items()),
        *(f"    {state.value} --> [*]" for state in State if state in FINISHED_STATES),
        "```",
        "",
        "`correct` makes the next revision; `take` and `hold` are notes of the reviewers. What a state does not allow changes nothing and is"
        " answered with what is possible.",
    ]
    return "\n".join(lines) + "\n"


def configuration_page() -> str:
    lines = [
        "# Configuration",
        "",
        "`config.toml`, looked for at `--config`, then in the present folder, then at `$MAILBOT_CONFIG`. Every key has a default that works on",
        "loopback, and can be overridden by `MAILBOT_<SECTION>_<KEY>` (lists separated by commas). Secrets come from files or the environment.",
    ]
    for name, section in Config.model_fields.items():
        shape = section.annotation
        assert shape is not None
        lines += ["", f"## [{name}]", "", shape.__doc__ or "", "", "| key | default | |", "|---|---|---|"]
        for key, field in shape.model_fields.items():
            default = str(list(field.default) if isinstance(field.default, tuple) else field.default)
            lines.append(f"| `{key}` | `{default or '(empty)'}` | {field.description} |")
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    lines = [
        "# Commands",
        "",
        "Every command takes `--config FILE` and, where it prints data, `--json`. Exit code 0; 1 when it did not succeed; 2 for wrong usage.",
        "Errors are one line on stderr with what to do.",
    ]
    context = click.Context(cli, info_name="mailbot")
    for name in cli.list_commands(context):  # type: ignore[attr-defined]
        command = cli.get_command(context, name)  # type: ignore[attr-defined]
        lines += _command(command, f"mailbot {name}")
    return "\n".join(lines) + "\n"


def _command(command: click.Command, path: str) -> list[str]:
    if isinstance(command, click.Group):
        return [line for sub in command.commands.values() for line in _command(sub, f"{path} {sub.name}")]
    arguments = [p.make_metavar(click.Context(command)) for p in command.params if isinstance(p, click.Argument)]
    lines = ["", f"## {' '.join([path, *arguments])}", "", " ".join((command.help or "").split("\n\n")[0].split())]
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            lines.append(f"- `{option.opts[-1]}`: {option.help}")
    example = re.search(r"Example: (.*)", command.help or "")
    return [*lines, "", f"    {example[1]}" if example else ""]


def citations() -> dict[str, set[str]]:
    """Citation → the files that make it, from docstrings and comments of the package and of the tests."""
    found: dict[str, set[str]] = {}
    for path in [*(ROOT / "mailbot").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        if path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8")
        ast.parse(text)
        for match in CITATION.finditer(text):
            found.setdefault(match.group(), set()).add(path.relative_to(ROOT).as_posix())
    return found


# What is cited and only partly kept in this version; everything else that is cited is kept.
PARTLY = {
    "S1": "correction and withdrawal; not 新着情報 and 承認通知",
    "S2": "the kinds of IDs; not the procedure",
    "S3": "not the procedure",
    "S4": "view period, contact, number of characters; not the procedure",
    "RFC 3464": "structured reports; not the free-form ones",
    "T-8": "all but a check of the domain",
    "T-10": "connections, recipients; not the rate per minute",
    "T-14": "what the From field can do; DKIM and DMARC are not evaluated",
    "T-38": "by headers and by words; not a deputy's turn",
    "T-64": "a limit by hour and day",
    "T-66": "nobody unregistered is answered; a forged registered one is",
}


def sources_page() -> str:
    order = sorted(
        citations().items(), key=lambda item: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", item[0])]
    )
    lines = [
        "# Sources",
        "",
        "What the code and the tests cite. S0–S4 are the manuals of the centre's portal (S0 password re-issue, S1 correction and look-up, S2",
        "abolition of IDs, S3 broker IDs, S4 mailboxes); T-numbers are rows of the list of threats and faults, each named by its test.",
        "",
        "| source | kept | where |",
        "|---|---|---|",
        *(
            f"| {name} | {'partly: ' + PARTLY[name] if name in PARTLY else 'yes'} | {_files(files)} |"
            for name, files in order
        ),
    ]
    return "\n".join(lines) + "\n"


def threats_page() -> str:
    """Each threat with the tests that name it, or the sentence that none does yet."""
    named: dict[int, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        where = path.relative_to(ROOT).as_posix()
        for node in (tree, *ast.walk(tree)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for number in re.findall(r"\bT-(\d+)", ast.get_docstring(node) or ""):
                    named.setdefault(int(number), set()).add(f"`{where}::{node.name}`")
        for number in re.findall(r"\bT-(\d+)", ast.get_docstring(tree) or ""):
            named.setdefault(int(number), set()).add(f"`{where}`")
    lines = [
        "# Threats, each with its tests",
        "",
        "The rows are those of the list of threats and faults; what is expected of each stands in its test. A row without a test is not kept yet.",
        "",
        "| | threat | tests |",
        "|---|---|---|",
        *(
            f"| T-{number} | {title} | {'<br>'.join(sorted(named.get(number, set()))) or 'none yet'} |"
            for number, title in ROWS.items()
        ),
    ]
    return "\n".join(lines) + "\n"


def _files(files: set[str]) -> str:
    return ", ".join(f"`{where}`" for where in sorted(files))


@pytest.mark.parametrize(
    ("page", "write"),
    [
        ("reference/lifecycle.md", lifecycle_page),
        ("reference/configuration.md", configuration_page),
        ("reference/commands.md", commands_page),
        ("design/sources.md", sources_page),
        ("design/threats.md", threats_page),
    ],
)
def test_generated_pages_are_what_the_code_says(page: str, write) -> None:  # type: ignore[no-untyped-def]
    path = DOCS / page
    if os.environ.get("MAILBOT_UPDATE_DOCS"):
        path.write_text(write(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == write()


def test_every_link_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_page_can_be_reached() -> None:
    text = (DOCS / "README.md").read_text(encoding="utf-8")
    unlisted = [
        p.name for p in DOCS.rglob("*.md") if p.name != "README.md" and p.relative_to(DOCS).as_posix() not in text
    ]
    assert unlisted == []


def test_every_reason_of_the_log_is_explained() -> None:
    """Every reason that a conversation of the tests ends with stands on the page."""
    page = (DOCS / "reference" / "reasons.md").read_text(encoding="utf-8")
    text = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("test_*.py"))
    reasons = set(re.findall(r"reason == \"([a-z-]+)\"", text)) | set(
        re.findall(r"Disposition\.\w+, \"([a-z-]+)\"\)", text)
    )
    assert reasons
    assert sorted(r for r in reasons if r not in page) == []
