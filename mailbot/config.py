"""The configuration file config.toml: the sections, each key with its default and description, and how it is read."""

import tomllib
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, ValidationError

from mailbot.config_servers import ImapSection, OAuth2Section, Port, Section, SmtpSection, WebSection
from mailbot.errors import ConfigError
from mailbot.trusted_files import require_own

PREFIX = "MAILBOT_"
_OTHER_VARIABLES = frozenset({"CONFIG", "RELAY_PASSWORD", "IMAP_PASSWORD"})  # variables that do not override a key


class DeskSection(Section):
    """The desk itself."""

    name: str = Field("申込受付デスク", description="Name in the From of every notice.")
    organisation: str = Field("通関情報センター", description="The operator, as it signs its notices.")
    address: str = Field("desk@desk.example", description="The desk's mailbox: receives applications and commands.")
    admin: list[str] = Field(["operator@desk.example"], description="Addresses of the operators, who are alerted.")
    language: Literal["ja", "en"] = Field("ja", description="Language of mails to reviewers and operators.")
    timezone: Literal["Asia/Tokyo"] = Field("Asia/Tokyo", description="The desk's days are those of Asia/Tokyo.")
    base_url: str = Field("", description="URL of the web pages, as people reach them; empty: that of [web].")
    phone: str = Field("", description="Telephone number printed in the notices.")
    hours: str = Field("", description="Hours of the telephone service, as printed in the notices.")
    inquiries: list[str] = Field([], description="Who answers what is not for a reviewer; none: the operators.")
    answer_business_days: int = Field(1, ge=1, description="Business days in which a person answers an inquiry.")
    answers_per_hour: int = Field(10, ge=1, description="Most answers to what one address wrote unclearly, in an hour.")
    answers_per_day: int = Field(40, ge=1, description="Most answers to what one address wrote unclearly, in a day.")
    unproven_answers_per_day: int = Field(3, ge=0, description="Most answers in a day to mails whose From is unproven.")
    changes_per_day: int = Field(
        30, ge=1, description="Most submissions, corrections and withdrawals of one sender a day."
    )


class WorkerSection(Section):
    """The worker, and limits of a mail while it is read; one beyond a limit is quarantined.  MB: 1,048,576 octets."""

    processes: int = Field(
        0,
        ge=0,
        le=2,
        description="1: one process decides and writes notices; 2: one for each; 0: 2 if there are two cores.",
    )
    cpu_seconds: float = Field(2, gt=0, description="CPU time for a mail, in seconds.")
    cpu_seconds_per_mb: float = Field(3, ge=0, description="Additional CPU time for each MB of the mail, in seconds.")
    memory_mb: int = Field(256, ge=16, description="Memory for a mail, in MB, beyond what the process uses before it.")
    memory_mb_per_mb: int = Field(8, ge=0, description="Additional memory for each MB of the mail, in MB.")
    sender_cpu_seconds: float = Field(
        60, gt=0, description="CPU time in an hour for all mails of one sender, in seconds; further mails wait."
    )
    wall_seconds: float = Field(120, gt=0, description="Longest time for a mail, waiting included, in seconds.")


class RelaySection(Section):
    """The relay that notices are sent to."""

    host: str = Field("", description="The relay; empty: notices are written to `directory` instead.")
    port: Port = Field(25, description="Port of the relay.")
    tls: Literal["none", "starttls", "implicit"] = Field("none", description="none, starttls or implicit.")
    user: str = Field("", description="User for SMTP AUTH; empty: none.")
    password_file: str = Field("", description="File with the password or access token; or MAILBOT_RELAY_PASSWORD.")
    oauth2: bool = Field(False, description="Whether to log in with XOAUTH2, with a token of [oauth2] or of the file.")
    dkim_key: str = Field("", description="RSA key (PEM, mode 0600) that signs the notices (DKIM); empty: none.")
    dkim_selector: str = Field("mailbot", description="The key's name in DNS: <selector>._domainkey.<domain>.")
    dkim_ed25519_key: str = Field("", description="Ed25519 key (PEM, mode 0600) that signs as well; empty: none.")
    dkim_ed25519_selector: str = Field("mailbot-ed25519", description="The name of that key in DNS.")
    postfix_log: str = Field("", description="Log of a Postfix relay on this machine, searched after a crash.")
    directory: str = Field("store/sent", description="Folder for .eml files while there is no relay.")
    alert_host: str = Field(
        "", description="A second relay, without a login: for alerts that the first does not accept; empty: none."
    )
    alert_port: Port = Field(25, description="Its port.")
    timeout_seconds: int = Field(60, ge=1, description="Longest time to wait for a reply of the relay, in seconds.")
    connections: int = Field(4, ge=1, le=20, description="How many notices are sent at the same time.")
    retry_first_seconds: int = Field(300, ge=1, description="First delay before a mail is tried again; it doubles.")
    retry_max_seconds: int = Field(4000, ge=1, description="Longest delay between two attempts.")
    give_up_days: int = Field(7, ge=1, description="Days after which a mail that could not be sent has failed.")


class StoreSection(Section):
    """The database and the key files."""

    url: str = Field("sqlite:///store/mailbot.sqlite3", description="The database.")
    key_file: str = Field("store/keys/vault.key", description="Key that encrypts issued passwords (mode 0600).")
    token_key_file: str = Field(
        "store/keys/token.key", description="Key that signs reply tokens and encrypts mails in the store (mode 0600)."
    )


class AuthSection(Section):
    """Authentication of senders, and reply addresses."""

    require: Literal["registered", "dmarc"] = Field(
        "registered",
        description="dmarc: a sender is authenticated by aligned DKIM, else asked to confirm.  registered: the From"
        " header field is trusted.  SENDERS ARE NOT AUTHENTICATED.",
    )
    nameservers: list[str] = Field(
        [], description="Resolvers for DKIM, SPF and DMARC, host or host:port; none: those of the machine."
    )
    trusted_authserv_ids: list[str] = Field(
        [], description="authserv-ids of your relays, whose Authentication-Results are trusted (RFC 8601)."
    )
    trusted_relays: list[str] = Field(
        ["127.0.0.1", "::1"], description="Addresses of SMTP clients whose Authentication-Results are trusted."
    )
    pinned_dkim: list[str] = Field(
        [],
        description='DKIM keys that need no DNS query, each "domain selector file"; the file has the key record.',
    )
    challenge_business_days: int = Field(
        1, ge=1, le=5, description="Business days after that of the mail, until whose end its sender can confirm it."
    )
    challenges_per_day: int = Field(3, ge=1, description="Most requests to confirm to one address in a day.")
    signature_days: int = Field(30, ge=9, description="Days in which a signed mail has no effect if it is sent again.")
    reply_token_days: int = Field(30, ge=1, description="How long a reply address is valid, in days.")

    @property
    def proof_required(self) -> bool:
        """Whether senders are authenticated; else the From header field is trusted."""
        return self.require != "registered"


class CalendarSection(Section):
    """Business days: exceptions from weekends and public holidays."""

    closed: list[date] = Field([], description="Additional closed days.")
    open: list[date] = Field([], description="Business days, whatever else would close them.")
    year_end: tuple[str, str] | None = Field(("12-29", "01-03"), description="First and last closed day at New Year.")


class ReviewSection(Section):
    """Deadlines of the review."""

    reminder_business_days: int = Field(
        1, ge=1, description="Business days that a review may take; after them the digest calls it overdue."
    )
    escalation_business_days: int = Field(
        2, ge=1, description="Business days after which a review is in the operators' daily list."
    )
    applicant_reminder_business_days: int = Field(
        3, ge=1, description="Business days until the applicant side is reminded of a 確認依頼."
    )
    morning_hour: int = Field(9, ge=0, le=23, description="Hour in Asia/Tokyo from which reminders and digests go out.")
    four_eyes: bool = Field(False, description="Whether an approval needs two different reviewers.")
    lapse_business_days: int = Field(10, ge=1, description="Business days to answer a 確認依頼 before it lapses.")


class RetentionSection(Section):
    """How long data is kept; issued passwords are erased after their view period in any case."""

    raw_mail_days: int = Field(0, ge=0, description="Days to keep raw mail after it was handled; 0: it is kept.")


class LogSection(Section):
    """Log lines on stderr."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Lowest level that is printed.")
    format: Literal["text", "json"] = Field("text", description="text, or json for programs that read the lines.")


class Config(Section):
    """The whole configuration.  Relative paths in it start at `base`."""

    desk: DeskSection = DeskSection()
    smtp: SmtpSection = SmtpSection()
    worker: WorkerSection = WorkerSection()
    imap: ImapSection = ImapSection()
    relay: RelaySection = RelaySection()
    oauth2: OAuth2Section = OAuth2Section()
    store: StoreSection = StoreSection()
    web: WebSection = WebSection()
    auth: AuthSection = AuthSection()
    calendar: CalendarSection = CalendarSection()
    review: ReviewSection = ReviewSection()
    retention: RetentionSection = RetentionSection()
    log: LogSection = LogSection()

    _base: Path = PrivateAttr(default=Path())
    _relay_password: str = PrivateAttr(default="")
    _imap_password: str = PrivateAttr(default="")

    @property
    def base(self) -> Path:
        """The folder of the configuration file; without a file, the current one."""
        return self._base

    def at(self, base: Path) -> "Config":
        """The same configuration with its relative paths at `base`."""
        moved = self.model_copy()
        moved._base = base
        return moved

    def resolve(self, path: str) -> Path:
        """The path that the value `path` of the configuration means."""
        return self._base / path

    def relay_password(self) -> str:
        """The relay's password or access token; the file is read at each call.  Raises ConfigError on failure."""
        return self._relay_password or self._secret("relay.password_file", self.relay.password_file)

    def imap_password(self) -> str:
        """The IMAP password or access token; the file is read at each call.  Raises ConfigError on failure."""
        return self._imap_password or self._secret("imap.password_file", self.imap.password_file)

    def _secret(self, key: str, file: str) -> str:
        if not file:
            return ""
        try:
            return self.resolve(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"{key}: {error}") from error


def find_config(option: Path | None, environ: Mapping[str, str], folder: Path) -> Path | None:
    """The configuration file: `option` (--config), `folder`/config.toml, or $MAILBOT_CONFIG; None for the defaults.

    Raises ConfigError when the one in `folder` may be that of somebody else, and $MAILBOT_CONFIG does not name it.
    """
    if option is not None:
        return option
    here, named = folder / "config.toml", environ.get("MAILBOT_CONFIG")
    if here.exists():
        if not (named and _is_same(folder / named, here)):
            require_own(here)
        return here
    return Path(named) if named else None


def _is_same(named: Path, here: Path) -> bool:
    """Whether both are one file in one folder: a link to `named` in another has other relative paths."""
    return named.exists() and named.samefile(here) and named.parent.samefile(here.parent)


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration in `path` (None: defaults) with the overrides of the environment.

    Raises ConfigError with every problem, one per line, each with its key and what is expected.
    """
    data = _read(path) if path is not None else {}
    _override(data, environ)
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        raise ConfigError("\n".join(_problem(item) for item in error.errors())) from error
    config._base = path.parent if path is not None else Path()
    config._relay_password = environ.get("MAILBOT_RELAY_PASSWORD", "")
    config._imap_password = environ.get("MAILBOT_IMAP_PASSWORD", "")
    return config


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file; create one with: mailbot init") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not readable as TOML: {error}") from error


def _override(data: dict[str, Any], environ: Mapping[str, str]) -> None:
    """Apply the variables MAILBOT_<SECTION>_<KEY> to `data`; the values of a list are separated by commas.

    An unknown key is put into `data` too, and reported like one of the file.
    """
    for name, value in sorted(environ.items()):
        rest = name.removeprefix(PREFIX)
        if rest == name or rest in _OTHER_VARIABLES:
            continue
        section, _, key = rest.lower().partition("_")
        section_field = Config.model_fields.get(section)
        fields = getattr(section_field.annotation, "model_fields", {}) if section_field is not None else {}
        is_list = key in fields and "list" in str(fields[key].annotation)
        data.setdefault(section, {})[key] = [v.strip() for v in value.split(",") if v.strip()] if is_list else value


def _problem(item: Any) -> str:
    path = ".".join(str(step) for step in item["loc"])
    if item["type"] != "extra_forbidden":
        return f"{path}: {item['input']!r}: {item['msg']}"
    if path.rpartition(".")[2] in ("password", "secret"):
        return (
            f"{path}: a secret must not be in the configuration file; put it into a file of its own and set {path}_file"
        )
    similar = get_close_matches(path, all_keys(), 1)
    return f"{path}: unknown key" + (f", did you mean {similar[0]}?" if similar else "")


def all_keys() -> list[str]:
    """The name of every section, and every `section.key`."""
    sections = {name: getattr(field.annotation, "model_fields", {}) for name, field in Config.model_fields.items()}
    return [*sections, *(f"{section}.{key}" for section, keys in sections.items() for key in keys)]
