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
from mailbot.model.login_limits import LoginLimits
from mailbot.model.people import Language
from mailbot.notices.calendar_file import CalendarWriter
from mailbot.notices.desk_pages import DeskPageWriter
from mailbot.notices.pages import PageWriter
from mailbot.notices.papers import PaperWriter
from mailbot.notices.render import Renderer
from mailbot.notices.values import Letterhead
from mailbot.notices.write import NoticeWriter
from mailbot.procedures import load_procedures
from mailbot.procedures.new import make_procedure
from mailbot.records.database import Store, open_store
from mailbot.records.secrets import resealing
from mailbot.records.secrets.keyring import Keyring
from mailbot.records.secrets.vault import Vault


def templates_folder() -> Path:
    """The folder of the templates that come with the program: beside the package, or inside it in a wheel."""
    inside = Path(__file__).parents[1] / "_templates"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "templates"


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
    """Create the folder of a new procedure in mailbot/procedures/; returns it.  Raises UsageError."""
    return make_procedure(name, titles, category, Path(procedures.__file__).parent, procedures.__name__)


def make_context(config: Config, store: Store) -> DeskContext:
    """The DeskContext of `config`, with the open `store`.  Raises ConfigError, Permanent."""
    known = load_procedures()
    own, folders = config.resolve("templates"), [templates_folder()]
    if own.is_dir() and not own.samefile(folders[0]):  # the same when the desk runs in a checkout
        folders.insert(0, own)
    renderer = Renderer(folders, {p.name: p.words for p in known.values()})
    letterhead = Letterhead(
        name=config.desk.name,
        address=config.desk.address,
        organisation=config.desk.organisation,
        phone=config.desk.phone,
        hours=config.desk.hours,
        page_url=page_url_of(config),
    )
    calendar = make_calendar(config.calendar.closed, config.calendar.open, config.calendar.year_end)
    return DeskContext(
        store=store,
        vault=Vault(store, Keyring(config.resolve(config.store.key_file))),
        writer=NoticeWriter(renderer, letterhead),
        papers=PaperWriter(renderer, letterhead),
        calendar_files=CalendarWriter(renderer, letterhead),
        pages=PageWriter(renderer, letterhead),
        desk_pages=DeskPageWriter(renderer, letterhead),
        procedures=known,
        calendar=calendar,
        settings=_settings(config),
        token_keys=read_token_keys(config.resolve(config.store.token_key_file)),
        random_bytes=secrets.token_bytes,
        choose=secrets.choice,
        authenticate=authenticate_of(config),
        sign=signer_of(config),
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


def rotate_keys(config: Config, context: DeskContext) -> tuple[int, int]:
    """New keys for the vault, and for reply tokens and stored mails.  Raises Permanent.

    Returns how many passwords were encrypted anew, and how many values of mails.
    """
    add_token_key(config.resolve(config.store.token_key_file))
    return context.vault.rotate(), resealing.seal_anew(context.store)
