"""The pages of sources and threats: which files cite what."""

import ast
import re
from pathlib import Path

from tests.threats.rows import ROWS

ROOT = Path(__file__).parents[2]
CITATION = re.compile(
    r"\bRFC \d{3,5}(?: §[\d.]+)?|(?<![A-Za-z0-9])S[0-4](?![A-Za-z0-9-])|\bT-\d{1,3}\b|\bCVE-\d{4}-\d+"
)


def citations() -> dict[str, set[str]]:
    """Citation → the files that make it, from docstrings and comments of the package and of the tests."""
    found: dict[str, set[str]] = {}
    for path in [*(ROOT / "mailbot").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        if path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8")
        for match in CITATION.finditer(text):
            found.setdefault(match.group(), set()).add(path.relative_to(ROOT).as_posix())
    return found


def sources_page() -> str:
    order = sorted(
        citations().items(), key=lambda item: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", item[0])]
    )
    lines = [
        "# Sources",
        "",
        "Every file of the program and of the tests that cites a source. S0–S4 are the manuals of the centre's portal (S0 password re-issue, S1",
        "correction and look-up, S2 abolition of IDs, S3 broker IDs, S4 mailboxes); T-numbers are rows of the list of threats and faults.",
        "",
        "| source | cited in |",
        "|---|---|",
        *(f"| {name} | {_files(files)} |" for name, files in order),
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
