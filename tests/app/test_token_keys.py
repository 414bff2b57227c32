"""`mailbot keys rotate`: new keys; passwords and reply addresses that are out stay good."""

from pathlib import Path

import pytest

from mailbot.app.context import make_context, rotate_keys
from mailbot.app.token_keys import MOST_KEYS, add_token_key, read_token_keys
from mailbot.errors import Permanent
from mailbot.model.lifecycle import State
from tests.testkit.command_line import mailbot
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import SQLITE


def test_what_is_out_stays_good(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    before = desk.context.token_keys
    rotate_keys(desk.config, desk.context)
    desk.context = make_context(desk.config, desk.store)
    assert desk.context.token_keys[0] not in before and desk.context.token_keys[1:] == before
    ichiro.replies(request, "承認\n")
    application = desk.application("2600001C")
    assert application.state is State.COMPLETED
    today = desk.clock.now().date()
    secret = desk.context.vault.open(application.id, today)[0].password
    assert rotate_keys(desk.config, desk.context)[0] == 1
    assert desk.context.vault.open(application.id, today)[0].password == secret


def test_old_keys_go(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "token.key"
    first = read_token_keys(path)[0]
    for _ in range(MOST_KEYS):
        add_token_key(path)
    assert len(read_token_keys(path)) == MOST_KEYS and first not in read_token_keys(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["token.key"]


@pytest.mark.parametrize("content", ["", "xyz\n", "00" * 16 + "\n", "00" * 32 + "\n" + "1" * 3])
def test_a_damaged_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "token.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(Permanent):
        read_token_keys(path)


@SQLITE
def test_the_command(desk: DeskUnderTest) -> None:
    assert "new keys made; 0 passwords and 0 parts of mails re-encrypted" in mailbot(desk.config.base, "keys", "rotate")
