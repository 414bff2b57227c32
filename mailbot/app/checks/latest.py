"""The last findings of a running desk, in a file: for its pages, `/readyz`, and `mailbot doctor --last`."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from mailbot.app.checks.kind import Severity
from mailbot.app.checks.kinds import Finding
from mailbot.config import Config
from mailbot.files import replacing


@dataclass(frozen=True)
class Latest:
    """What was found, and when."""

    at: datetime
    findings: tuple[Finding, ...]


def path_of(config: Config) -> Path:
    """The file: beside the keys, which every desk has on its own machine."""
    return config.resolve(config.store.key_file).parent.parent / "findings.json"


def write_latest(config: Config, findings: Sequence[Finding], now: datetime) -> None:
    """Replace the file.  Raises OSError."""
    content = {"at": now.isoformat(), "findings": [asdict(one) for one in findings]}
    with replacing(path_of(config)) as file:
        file.write(json.dumps(content, ensure_ascii=False, indent=1).encode())


def read_latest(config: Config) -> Latest | None:
    """The content of the file; None without one, or when it cannot be read."""
    try:
        content = json.loads(path_of(config).read_text(encoding="utf-8"))
        findings = tuple(
            Finding(one["code"], Severity(one["severity"]), one["found"], one["do"]) for one in content["findings"]
        )
        return Latest(datetime.fromisoformat(content["at"]), findings)
    except (OSError, ValueError, KeyError, TypeError):
        return None
