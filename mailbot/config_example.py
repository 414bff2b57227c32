"""The example configuration: every key with its default and its description."""

from typing import cast

from pydantic import BaseModel

from mailbot.config import Config


def example_toml() -> str:
    """The content of config.example.toml."""
    lines = ["# Every key has a default that works on loopback; relative paths are those of this file's folder.", ""]
    for section, shape in Config.model_fields.items():
        model: type[BaseModel] = cast("type[BaseModel]", shape.annotation)
        lines += [f"[{section}]  # {model.__doc__}"]
        for key, field in model.model_fields.items():
            lines += [f"# {field.description}", f"{key} = {_toml(field.default)}"]
        lines.append("")
    return "\n".join(lines)


def _toml(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)
