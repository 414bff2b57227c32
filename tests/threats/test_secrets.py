"""A password and a token are where they belong, and nowhere else (threats, T-49, T-50, T-54, T-55, T-59)."""

import ast
import logging
from pathlib import Path

import pytest

from mailbot.model.reply_token import SECRET_BYTES, new_token
from mailbot.records.log import audit, mail_log
from mailbot.records.queues import outbox
from mailbot.records.register.offices import load_register
from mailbot.records.schema.application_tables import GrantRow
from mailbot.records.schema.secret_tables import SecretRow
from mailbot.register_files.register_file import write_register
from tests.testkit.browser import Browser
from tests.testkit.command_line import on_terminal
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import SQLITE

PACKAGE = Path(__file__).parents[2] / "mailbot"


def on_disk(folder: Path) -> bytes:
    return b"".join(
        path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and "keys" not in path.parts
    )


@SQLITE
async def test_a_password_is_nowhere_but_on_the_page(
    desk: DeskUnderTest,
    taro: Person,
    ichiro: Person,
    hanako: Person,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """T-54, T-55, T-59: issued, looked at, expired; then everything that was written is searched."""
    caplog.set_level(logging.DEBUG)
    taro.sends(FORM)
    ichiro.replies(ichiro.gets("review-request"), "承認\n")
    application = desk.application("2600001C")
    secret = desk.context.vault.open(application.id, desk.clock.now().date())[0].password.encode()
    browser = Browser(desk)
    await browser.logs_in()
    page = await browser.looks("2600001C", "1ANACA0A")
    assert secret in page.content  # the search below would find it
    await browser.client.aclose()
    folder = desk.config.base
    write_register(load_register(), tmp_path / "register.toml")
    assert secret not in on_disk(folder)
    assert all(secret not in item.mail.raw and secret.decode() not in item.mail.text for item in outbox.listing())
    assert all(secret.decode() not in f"{row.text}{row.detail}{row.subject}" for row in mail_log.listing(1000))
    assert secret.decode() not in caplog.text + "".join(capfd.readouterr())
    with desk.store.reading():
        sealed = bytes(SecretRow.get().sealed)
    assert sealed in on_disk(folder)
    desk.passes(days=10)
    desk.run_due_tasks()
    assert sealed not in on_disk(folder) and secret not in on_disk(folder)  # T-55: gone, not hidden
    assert b"sample-NAC001" not in on_disk(folder) + (tmp_path / "register.toml").read_bytes()


@SQLITE
def test_the_command_line_masks_passwords_and_notes_who_looks(
    desk: DeskUnderTest, taro: Person, ichiro: Person
) -> None:
    """T-59."""
    taro.sends(FORM)
    ichiro.replies(ichiro.gets("review-request"), "承認\n")
    secret = desk.context.vault.open(desk.application("2600001C").id, desk.clock.now().date())[0].password
    desk.store.close()
    shown = on_terminal(desk.config.base, "applications", "show", "2600001C", "--json").decode()
    assert "2600001C" in shown and secret not in shown


def test_secrets_come_from_the_systems_own_source() -> None:
    """T-49: `random` is for nobody; a token has at least 112 bits of its own."""
    used = [
        f"{path.name}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        if "random" in (source := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and "random" in {getattr(node, "module", ""), *(alias.name for alias in node.names)}
    ]
    assert used == []
    assert SECRET_BYTES * 8 >= 112
    asked: list[int] = []
    new_token(b"k" * 32, lambda n: asked.append(n) or b"x" * n)
    assert sum(asked) * 8 >= 160


def test_the_store_keeps_no_token_to_use(desk: DeskUnderTest, taro: Person) -> None:
    """T-49: of each token only its hash; the notices themselves are what they are."""
    taro.sends(FORM)
    with desk.store.reading():
        rows = [(row.token_id, row.secret_hash) for row in GrantRow.select()]
    assert rows and all(len(digest) == 64 for _, digest in rows)
    reply_to = taro.gets("received").reply_to
    assert all(digest not in reply_to for _, digest in rows)


def test_secrets_are_compared_in_constant_time() -> None:
    """T-50: nowhere with `==`; by looking at the code, since a test that asserts a time proves nothing."""
    names = {"mac", "secret", "secret_hash", "csrf", "password", "password_hash", "session_id"}
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
                sides = [node.left, *node.comparators]
                called = {side.attr for side in sides if isinstance(side, ast.Attribute)}
                called |= {side.id for side in sides if isinstance(side, ast.Name)}
                if called & names:
                    wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert wrong == []


def test_looks_are_kept_for_good(desk: DeskUnderTest) -> None:
    """T-59: there is no function that takes one back."""
    assert [name for name in vars(audit) if name.startswith(("delete", "remove", "clear", "update"))] == []
