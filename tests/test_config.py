"""config.toml: every problem at once, with its key and what is expected."""

from pathlib import Path

import pytest

from mailbot.config import Config, find_config, load
from mailbot.config_example import example_toml
from mailbot.errors import ConfigError
from tests.testkit.command_line import mailbot
from tests.testkit.exposure import warnings_of
from tests.testkit.other_people import give_away

EXAMPLE = Path(__file__).parents[1] / "config.example.toml"


def test_the_example_is_what_the_code_says() -> None:
    """Regenerate it with: python -c 'import mailbot.config_example as c; print(c.example_toml(), end="")' > config.example.toml"""
    assert EXAMPLE.read_text(encoding="utf-8") == example_toml()
    assert load(EXAMPLE, {}).model_dump() == Config().model_dump()


def test_every_key_has_its_sentence() -> None:
    for section in Config.model_fields.values():
        for key, field in section.annotation.model_fields.items():  # type: ignore[union-attr]
            assert field.description, key


def problems(text: str, tmp_path: Path, **environ: str) -> list[str]:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, environ)
    return caught.value.public.splitlines()


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    found = problems('[smtp]\nport = "abc"\nprot = 1\n[relay]\npassword = "x"\n[desc]\n', tmp_path)
    assert [line.partition(":")[0] for line in sorted(found)] == ["desc", "relay.password", "smtp.port", "smtp.prot"]
    assert any("did you mean smtp.port?" in line for line in found)
    assert any("did you mean desk?" in line for line in found)
    assert any("a secret must not be in the configuration file" in line for line in found)


@pytest.mark.parametrize(
    "text", ["[smtp", "\xff", "[desk]\ntimezone = 'UTC'", "[imap]\ntls = 'maybe'", "[auth]\nrequire = 'hope'"]
)
def test_what_cannot_be_used_is_refused(text: str, tmp_path: Path) -> None:
    assert problems(text, tmp_path)


def test_the_environment_wins(tmp_path: Path) -> None:
    config = load(None, {"MAILBOT_SMTP_PORT": "2526", "MAILBOT_DESK_ADMIN": "a@x.example, b@x.example", "OTHER": "1"})
    assert (config.smtp.port, config.desk.admin) == (2526, ["a@x.example", "b@x.example"])
    assert load(None, {"MAILBOT_RELAY_PASSWORD": "secret"}).relay_password() == "secret"
    assert "secret" not in repr(load(None, {"MAILBOT_RELAY_PASSWORD": "secret"}))
    with pytest.raises(ConfigError, match="unknown key"):
        load(None, {"MAILBOT_SMTP_PROT": "1"})


def test_where_the_file_is_looked_for(tmp_path: Path) -> None:
    assert find_config(Path("x"), {"MAILBOT_CONFIG": "y"}, tmp_path) == Path("x")
    assert find_config(None, {"MAILBOT_CONFIG": "y"}, tmp_path) == Path("y")
    assert find_config(None, {}, tmp_path) is None
    (tmp_path / "config.toml").touch()
    assert find_config(None, {"MAILBOT_CONFIG": "y"}, tmp_path) == tmp_path / "config.toml"


@pytest.mark.parametrize("name", ["config.toml", "."])
def test_one_that_somebody_else_has_put_there_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """T-101: as root in the folder of another user, say."""
    (tmp_path / "config.toml").write_text("[desk]\n")
    path = tmp_path / name
    path.chmod(path.stat().st_mode | 0o002)
    said = mailbot(tmp_path, "doctor", code=1)
    assert f"{path} can be written by others" in said and "name it: mailbot --config" in said
    path.chmod(path.stat().st_mode & ~0o002)
    give_away(path, monkeypatch)
    for command in (("doctor",), ("serve",), ("log", "list")):
        assert f"{path} belongs to" in mailbot(tmp_path, *command, code=1)
    assert "config   config.toml" in mailbot(tmp_path, "--config", "config.toml", "doctor", code=1, printed=True)
    assert find_config(None, {"MAILBOT_CONFIG": "config.toml"}, tmp_path / "elsewhere") == Path("config.toml")


def test_one_that_is_named_is_read_whoever_can_write_it(tmp_path: Path) -> None:
    """As in the container: the working folder is the one of $MAILBOT_CONFIG, on a volume that a group may write."""
    (tmp_path / "config.toml").touch()
    (tmp_path / "x").mkdir()
    (tmp_path / "x/config.toml").symlink_to(tmp_path / "config.toml")
    for folder in (tmp_path, tmp_path / "x"):
        folder.chmod(0o777)
    for named in (str(tmp_path / "config.toml"), "config.toml"):
        assert find_config(None, {"MAILBOT_CONFIG": named}, tmp_path) == tmp_path / "config.toml"
    for named, folder in (("", tmp_path), ("gone.toml", tmp_path), (f"{tmp_path}/config.toml", tmp_path / "x")):
        with pytest.raises(ConfigError, match="can be written by others"):
            find_config(None, {"MAILBOT_CONFIG": named}, folder)


def test_paths_are_those_of_the_files_folder(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    config = load(tmp_path / "config.toml", {})
    assert config.resolve("store/sent") == tmp_path / "store/sent"


def test_nobody_exposes_the_default_by_accident() -> None:
    default = load(None, {})
    assert default.smtp.host == "127.0.0.1"
    assert any("SENDERS ARE NOT AUTHENTICATED" in text for text in warnings_of(default))
    clear = {
        "MAILBOT_WEB_HOST": "0.0.0.0",
        "MAILBOT_DESK_BASE_URL": "http://desk.example/",
        "MAILBOT_RELAY_HOST": "relay.example",
    }
    found = "\n".join(warnings_of(load(None, clear)))
    assert all(words in found for words in ("web.host", "desk.base_url", "relay.tls"))
    exposed = load(None, {"MAILBOT_SMTP_HOST": "0.0.0.0"})
    assert len(warnings_of(exposed)) == len(warnings_of(default)) + 2, "senders, and mail in clear"
