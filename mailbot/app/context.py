"""Makes the DeskContext from the configuration: store, keys, tools and settings, but no runners (`server.py`)."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mailbot import procedures
from mailbot.app.token_keys import add_token_key, read_token_keys
from mailbot.app.tools import ConfiguredTools
from mailbot.business_days import make_calendar
from mailbot.config import Config
from mailbot.desk.context import DeskContext, Settings
from mailbot.errors import UsageError
from mailbot.key_files import KeyFile, new_key
from mailbot.model.login_limits import LoginLimits
from mailbot.model.people import Language
from mailbot.model.procedure import Procedure
from mailbot.notices.values import Letterhead
from mailbot.procedures import load_procedures
from mailbot.procedures.new import make_procedure
from mailbot.procedures.own import PACKAGE, load_checked
from mailbot.records.database import Store, Upgrade, open_store
from mailbot.records.secrets import resealing
from mailbot.records.secrets.keyring import Keyring
from mailbot.records.secrets.vault import Vault


def sample_register() -> Path:
    """The register file that `mailbot init --sample` and `mailbot demo` import."""
    return Path(__file__).parents[1] / "sample" / "register.toml"


def open_configured_store(
    config: Config, *, url: str = "", create: bool = False, key_lost: bool = False, upgrade: Upgrade | None = None
) -> Store:
    """`open_store` with the key file of `config`, of `store.url` or another `url`."""
    key_file = config.resolve(config.store.token_key_file)
    place = url or config.store.url
    return open_store(place, config.base, create=create, key_file=key_file, key_lost=key_lost, upgrade=upgrade)


@contextmanager
def open_desk(
    config: Config,
    *,
    create: bool = False,
    check: bool = True,
    known: Mapping[str, Procedure] | None = None,
    upgrade: Upgrade | None = None,
) -> Iterator[DeskContext]:
    """The DeskContext of `config`, its store open until the block ends.

    `create`: create the store if it does not exist; `check`: check the keys and name servers that only some commands
    use; `known`: see `make_context`; `upgrade`: upgrade a store of an older version.  Raises Permanent or Temporary
    when the store cannot be opened, ConfigError for a key or name server.
    """
    store = open_configured_store(config, create=create, upgrade=upgrade)
    try:
        yield make_context(config, store, known, check=check)
    finally:
        store.close()


def procedures_folder(config: Config) -> Path:
    """The folder of the operator's own procedures."""
    return config.resolve("procedures")


def add_procedure(
    config: Config, name: str, titles: Mapping[str, str], category: str, *, built_in: bool = False
) -> Path:
    """Create the folder of a new procedure; returns it.  `built_in`: in the program, which must be a checkout.

    Raises UsageError.
    """
    program = Path(procedures.__file__).parent
    if not built_in:
        return make_procedure(name, titles, category, procedures_folder(config), PACKAGE)
    if not (program.parents[1] / "pyproject.toml").is_file():
        raise UsageError("--built-in: the program is installed, and the next version would delete it; leave it out")
    return make_procedure(name, titles, category, program, procedures.__name__)


def make_context(
    config: Config, store: Store, known: Mapping[str, Procedure] | None = None, *, check: bool = True
) -> DeskContext:
    """The DeskContext of `config`, with the open `store`.  `check`: see `open_desk`.  Raises ConfigError, Permanent.

    `known`: the procedures; None: those of the program, and the operator's own that have been checked.
    """
    if known is None:
        built_in = load_procedures()
        known = built_in | load_checked(procedures_folder(config), built_in)
    tools = ConfiguredTools(config, letterhead_of(config), {p.name: p.words for p in known.values()})
    if check:
        tools.check()
    calendar = make_calendar(config.calendar.closed, config.calendar.open, config.calendar.year_end)
    return DeskContext(
        store=store,
        vault=Vault(store, Keyring(config.resolve(config.store.key_file))),
        tools=tools,
        procedures=dict(known),
        calendar=calendar,
        settings=_settings(config),
        token_keys=read_token_keys(config.resolve(config.store.token_key_file)),
        random_bytes=secrets.token_bytes,
        choose=secrets.choice,
    )


def page_url_of(config: Config) -> str:
    """The URL of the web pages, as notices name it; "" when there are none."""
    web = config.web
    if config.desk.base_url or not web.enabled or not web.port:
        return config.desk.base_url if web.enabled else ""
    return f"{'https' if web.tls_cert else 'http'}://{web.host}:{web.port}/"


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
        proof_required=config.auth.proof_required,
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
