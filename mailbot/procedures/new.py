"""`make_procedure`: create a new procedure by copying `_skeleton/`."""

import re
from collections.abc import Mapping
from pathlib import Path

from mailbot.errors import UsageError

SKELETON = Path(__file__).parent / "_skeleton"
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_CATEGORIES = {"A": "CONTRACT", "B": "BROKER_ID", "C": "SYSTEM_SETTING"}


def make_procedure(name: str, titles: Mapping[str, str], category: str, folder: Path, package: str) -> Path:
    """Copy the skeleton to `folder/name`; returns the new folder.

    `titles`: "ja" and "en"; `category`: A, B or C; `package`: import name of `folder`.
    Raises UsageError when the name is invalid or in use.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be a procedure's name; expected small letters and _, such as address_change")
    target = folder / name
    if target.exists():
        raise UsageError(f"{target} is there already; choose another name")
    for source in sorted(SKELETON.rglob("*")):
        if source.is_dir() or "__pycache__" in source.parts:
            continue
        copy = target / source.relative_to(SKELETON)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8").replace("mailbot.procedures._skeleton", f"{package}.{name}")
        text = text.replace("_skeleton", name).replace("Category.SYSTEM_SETTING", f"Category.{_CATEGORIES[category]}")
        copy.write_text(
            text.replace("新しい手続", titles["ja"]).replace("New procedure", titles["en"]), encoding="utf-8"
        )
    return target
