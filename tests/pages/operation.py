"""The reference pages for operators: findings of the checks, and the templates with their values."""

import re

from mailbot.app.checks.kind import Kind, Severity
from mailbot.app.checks.kinds import KINDS
from mailbot.app.template_names import known_names
from mailbot.notices.folder import templates_folder
from mailbot.notices.template_faults import SourceReader

_COMMENT = re.compile(r"\A{#-? *(.*?) *-?#}", re.S)


def checks_page() -> str:
    lines = [
        "# What the checks find",
        "",
        "`mailbot doctor` makes all checks and writes nothing; `mailbot serve` makes those that need no other machine before it opens a port, and all",
        "but those of the ports and of the whole database after the start and every hour. What is found is in the log (`check`), in `store/findings.json`",
        "(`mailbot doctor --last`), and, but for warnings, in one mail a day to the operators. `…` stands for what was read.",
        "",
        "`refused`: `serve` does not start, as mail would be lost or a secret given away. `broken`: something does not work. `warning`: it works, and not",
        "safely or not for long. Codes that begin with `setup-` come from `mailbot quickstart --check`, which makes all other checks as well.",
        "",
        "| code | | found | what to do |",
        "|---|---|---|---|",
    ]
    for severity in Severity:
        lines += [_check(code, kind) for code, kind in KINDS.items() if kind.severity is severity]
    return "\n".join(lines) + "\n"


def _check(code: str, kind: Kind) -> str:
    found, do = (re.sub(r"{[^}]*}", "…", text).replace("|", "\\|") for text in (kind.found, kind.do))
    return f"| `{code}` | {kind.severity} | {found} | {do} |"


def templates_page() -> str:
    lines = [
        "# Templates",
        "",
        "The path of each file under `templates/`, what it is, and the values that it uses; [how to change one](../how-to/wordings.md). Each is there in",
        "Japanese (`.ja.j2`) and English (`.en.j2`). All notices also get `desk`, `to`, `case`, `company`, `reply_address`, `labels` and `lang`.",
        "",
        "| file | what it is | values |",
        "|---|---|---|",
    ]
    reader = SourceReader(templates_folder(), [])
    for name, file in sorted(known_names().items()):
        if ".ja." in name:
            continue
        text = file.read_text(encoding="utf-8")
        comment = _COMMENT.match(text)
        about = " ".join(comment[1].split()).replace("|", "\\|") if comment else ""
        values = ", ".join(f"`{one}`" for one in reader.values_of(text))
        lines.append(f"| `templates/{name.replace('.en.', '.*.')}` | {about} | {values} |")
    return "\n".join(lines) + "\n"
