"""`desk.context.Tools`, made from the configuration.

The functions import what makes a tool, and with it a large library: jinja2, reportlab, icalendar, lxml or dnspython.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mailbot.config import Config
from mailbot.desk.context import Authenticate, without_authentication
from mailbot.notices.folder import templates_folder as templates_folder  # noqa: PLC0414 - for the commands
from mailbot.notices.values import Letterhead

if TYPE_CHECKING:
    from mailbot.mail.dkim.sign import Sign
    from mailbot.notices.calendar_file import CalendarWriter
    from mailbot.notices.desk_pages import DeskPageWriter
    from mailbot.notices.pages import PageWriter
    from mailbot.notices.papers import PaperWriter
    from mailbot.notices.render import Renderer
    from mailbot.notices.write import NoticeWriter


def own_templates(config: Config) -> list[Path]:
    """The operator's folder of templates, alone in a list; [] when there is none, or it is the program's own."""
    own = config.resolve("templates")
    # The same when the desk runs in a checkout.
    return [own] if own.is_dir() and not own.samefile(templates_folder()) else []


class ConfiguredTools:
    """Each tool is made when it is first used."""

    def __init__(self, config: Config, letterhead: Letterhead, words: Mapping[str, Path]) -> None:
        """`words`: procedure name → folder of what the procedure adds to the notices."""
        self._config = config
        self._letterhead = letterhead
        self._words = words

    def check(self) -> None:
        """Raises ConfigError when a key or a name server in the configuration cannot be used."""
        _ = self.authenticate, self.sign

    @cached_property
    def writer(self) -> "NoticeWriter":
        from mailbot.notices.write import NoticeWriter

        return NoticeWriter(self._renderer, self._letterhead)

    @cached_property
    def papers(self) -> "PaperWriter":
        from mailbot.notices.papers import PaperWriter

        return PaperWriter(self._renderer, self._letterhead)

    @cached_property
    def calendar_files(self) -> "CalendarWriter":
        from mailbot.notices.calendar_file import CalendarWriter

        return CalendarWriter(self._renderer, self._letterhead)

    @cached_property
    def pages(self) -> "PageWriter":
        from mailbot.notices.pages import PageWriter

        return PageWriter(self._renderer, self._letterhead)

    @cached_property
    def desk_pages(self) -> "DeskPageWriter":
        from mailbot.notices.desk_pages import DeskPageWriter

        return DeskPageWriter(self._renderer, self._letterhead)

    @cached_property
    def authenticate(self) -> Authenticate:
        if not self._config.auth.proof_required:
            return without_authentication
        from mailbot.app.sender_authentication import authenticate_of

        return authenticate_of(self._config)

    @cached_property
    def sign(self) -> "Sign":
        from mailbot.app.signing import signer_of

        return signer_of(self._config)

    @cached_property
    def _renderer(self) -> "Renderer":
        from mailbot.notices.render import Renderer

        return Renderer([*own_templates(self._config), templates_folder()], self._words)
