"""Makes the DeskContext from the configuration: store, keys, templates and settings, but no runners (`server.py`)."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mailbot import procedures
from mailbot.app.token_keys import add_token_key, read_token_keys
from mailbot.app.wiring import authenticate_of, page_url_of, signer_of
from mailbot.business_days import make_calendar
from mailbot.config import Config
from mailbot.desk.context import DeskContext, Settings
from mailbot.errors import UsageError
from mailbot.key_files import KeyFile, new_key
from mailbot.model.login_limits import LoginLimits
from mailbot.model.people import Language
from mailbot.notices.calendar_file import CalendarWriter
from mailbot.notices.pages import PageWriter
from mailbot.notices.papers import PaperWriter
from mailbot.notices.render import Renderer
from mailbot.notices.render import templates_folder as templates_folder  # noqa: PLC0414 - for the commands
from mailbot.notices.values import Letterhead
from mailbot.notices.write import NoticeWriter
from mailbot.procedures import load_procedures
from mailbot.procedures.new import make_procedure
from mailbot.records.database import Store, open_store
from mailbot.records.secrets import resealing
from mailbot.records.secrets.keyring import Keyring
from mailbot.records.secrets.vault import Vault


def sample_register() -> Path:
    """The register file that `mailbot init --sample` and `mailbot demo` import."""
    return Path(__file__).parents[1] / "sample" / "register.toml"


def open_configured_store(config: Config, *, url: str = "", create: bool = False, key_lost: bool = False) -> Store:
    """`open_store` with the key file of `config`, of `store.url` or another `url`."""
    key_file = config.resolve(config.store.token_key_file)
    return open_store(url or config.store.url, config.base, create=create, key_file=key_file, key_lost=key_lost)


@contextmanager
def open_desk(config: Config, *, create: bool = False) -> Iterator[DeskContext]:
    """The DeskContext of `config`, its store open until the block ends.

    `create`: create the store if it does not exist.  Raises Permanent or Temporary when it cannot be opened.
    """
    store = open_configured_store(config, create=create)
    try:
        yield make_context(config, store)
    finally:
        store.close()


def add_procedure(name: str, titles: Mapping[str, str], category: str) -> Path:
    """Create the folder of a new procedure in mailbot/procedures/ of a checkout; returns it.

    Raises UsageError, also where the program is installed: an upgrade would delete the folder.
    """
    if not (Path(__file__).parents[2] / "pyproject.toml").is_file():
        raise UsageError(
            f"mailbot is installed in {Path(__file__).parents[1]}, where an upgrade would delete the procedure;"
            " make it in a checkout of the program, and install that: pip install --editable CHECKOUT"
        )
    return make_procedure(name, titles, category, Path(procedures.__file__).parent, procedures.__name__)


def make_context(config: Config, store: Store) -> DeskContext:
    """The DeskContext of `config`, with the open `store`.  Raises ConfigError, Permanent."""
    known = load_procedures()
    renderer = Renderer([*own_templates(config), templates_folder()], {p.name: p.words for p in known.values()})
    letterhead = letterhead_of(config)
    calendar = make_calendar(config.calendar.closed, config.calendar.open, config.calendar.year_end)
    return DeskContext(
        store=store,
        vault=Vault(store, Keyring(config.resolve(config.store.key_file))),
        writer=NoticeWriter(renderer, letterhead),
        papers=PaperWriter(renderer, letterhead),
        calendar_files=CalendarWriter(renderer, letterhead),
        pages=PageWriter(renderer, letterhead),
        procedures=known,
        calendar=calendar,
        settings=_settings(config),
        token_keys=read_token_keys(config.resolve(config.store.token_key_file)),
        random_bytes=secrets.token_bytes,
        choose=secrets.choice,
        authenticate=authenticate_of(config),
        sign=signer_of(config),
    )


def own_templates(config: Config) -> list[Path]:
    """The operator's folder of templates, alone in a list; [] when there is none, or it is the program's own."""
    own = config.resolve("templates")
    # The same when the desk runs in a checkout.
    return [own] if own.is_dir() and not own.samefile(templates_folder()) else []


def letterhead_of(config: Config) -> Letterhead:
    """How the desk signs its notices."""
    return Letterhead(
        name=config.desk.name,
        address=config.desk.address,
        organisation=config.desk.organisation,
        phone=config.desk.phone,
        hours=config.desk.hours,
        page_url=page_url_of(config),
    )


def _settings(config: Config) -> Settings:
    return Settings(
        address=config.desk.address,
        name=config.desk.name,
        operators=tuple(config.desk.admin),
        language=Language(config.desk.language),
        reply_token_days=config.auth.reply_token_days,
        lapse_business_days=config.review.lapse_business_days,
        reminder_business_days=config.review.reminder_business_days,
        escalation_business_days=config.review.escalation_business_days,
        applicant_reminder_business_days=config.review.applicant_reminder_business_days,
        morning_hour=config.review.morning_hour,
        inquiries=tuple(config.desk.inquiries),
        answer_business_days=config.desk.answer_business_days,
        answers_per_hour=config.desk.answers_per_hour,
        answers_per_day=config.desk.answers_per_day,
        unproven_answers_per_day=config.desk.unproven_answers_per_day,
        changes_per_day=config.desk.changes_per_day,
        sender_cpu_seconds=config.worker.sender_cpu_seconds,
        four_eyes=config.review.four_eyes,
        challenge_business_days=config.auth.challenge_business_days,
        challenges_per_day=config.auth.challenges_per_day,
        signature_days=config.auth.signature_days,
        raw_mail_days=config.retention.raw_mail_days,
        page_url=page_url_of(config),
        login_limits=LoginLimits(config.web.login_failures, config.web.login_failures_of_office),
        known_browser_days=config.web.known_browser_days,
        login_link_minutes=config.web.login_link_minutes,
        proof_required=config.auth.require != "registered",
    )


def make_vault_key(config: Config) -> None:
    """A new key file of issued passwords in the place of one that is lost.  Raises Permanent."""
    KeyFile(config.resolve(config.store.key_file), "the vault", named=True).create_if_missing(new_key("first"))


def rotate_keys(config: Config, context: DeskContext) -> tuple[int, int]:
    """New keys for the vault, and for reply tokens and stored mails.  Raises Permanent.

    Returns how many passwords were encrypted anew, and how many values of mails.
    """
    add_token_key(config.resolve(config.store.token_key_file))
    return context.vault.rotate(), resealing.seal_anew(context.store)
