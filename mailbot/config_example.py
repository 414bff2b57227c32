"""The example configuration: every key with its default and its description."""

import json
from collections.abc import Mapping
from typing import cast

from pydantic import BaseModel

from mailbot.config import Config


def example_toml(chosen: Mapping[str, Mapping[str, object]] | None = None) -> str:
    """The content of config.example.toml; `chosen`: section → key → another value than the default."""
    chosen = chosen or {}
    lines = ["# Every key has a default that works on loopback; relative paths are those of this file's folder.", ""]
    for section, shape in Config.model_fields.items():
        model: type[BaseModel] = cast("type[BaseModel]", shape.annotation)
        lines += [f"[{section}]  # {model.__doc__}"]
        for key, field in model.model_fields.items():
            lines += [f"# {field.description}", f"{key} = {_toml(chosen.get(section, {}).get(key, field.default))}"]
        lines.append("")
    return "\n".join(lines)


def _toml(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)  # a basic string of TOML, where it has no DEL
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)
