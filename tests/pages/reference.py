"""The reference pages: life cycle, configuration, commands."""

import re

import click

from mailbot.cli import cli
from mailbot.config import Config
from mailbot.model.lifecycle import EVENTS, FINISHED_STATES, TRANSITIONS, State

JAPANESE = {
    State.DRAFT: "一時保存",
    State.RECEIVED: "受付",
    State.NEEDS_CONFIRMATION: "内容確認",
    State.COMPLETED: "審査終了",
    State.WITHDRAWN: "取下げ",
    State.LAPSED: "無効",
}


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
        "What a state does not allow changes nothing and is answered with what is possible.",
        "",
        "| event | caused by | meaning | new revision | listed in notices to the applicant | reason code in the mail log |",
        "|---|---|---|---|---|---|",
        *(
            f"| `{event}` | {rule.by} | {rule.meaning} | {_yes(rule.revises)} | {_yes(not rule.internal)} | {_code(rule.reason)} |"
            for event, rule in EVENTS.items()
        ),
    ]
    return "\n".join(lines) + "\n"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def configuration_page() -> str:
    lines = [
        "# Configuration",
        "",
        "`config.toml`, looked for at `--config`, then in the present folder (one of root or of your own alone), then at `$MAILBOT_CONFIG`. Every key has a default that works on",
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
        if isinstance(option, click.Option) and option.help and option.opts[-1] not in ("--config", "--json"):
            lines.append(f"- `{option.opts[-1]}`: {option.help}")
    example = re.search(r"Example: (.*)", command.help or "")
    return [*lines, "", f"    {example[1]}" if example else ""]
