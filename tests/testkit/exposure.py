"""What is unsafe in a configuration, in words, as `mailbot doctor` says it."""

from mailbot.app.checks import configuration
from mailbot.app.checks.kinds import in_words
from mailbot.app.checks.surroundings import Surroundings
from mailbot.config import Config
from tests.testkit.records import NOW


def warnings_of(config: Config, user_id: int = 1000) -> list[str]:
    """The lines; `user_id`: of the user who runs the desk."""
    about = Surroundings(config, config.base / "config.toml", NOW, user_id)
    return [in_words(one).line for check in (configuration.pages, configuration.exposure) for one in check(about)]
