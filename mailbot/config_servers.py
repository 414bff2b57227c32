"""The sections of config.toml about the servers: [smtp], [imap], [oauth2] and [web]."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork

Port = Annotated[int, Field(ge=0, le=65535)]


class Section(BaseModel):
    """A section of the configuration file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SmtpSection(Section):
    """The SMTP server."""

    host: str = Field(
        "127.0.0.1", description="Address to listen on; keep it on loopback behind a relay that verifies senders."
    )
    port: Port = Field(2525, description="Port to listen on; 0: any that is free.")
    hostname: str = Field("", description="Name in the greeting; empty: the machine's own.")
    tls_cert: str = Field("", description="Certificate chain (PEM) for STARTTLS; empty: no TLS.")
    tls_key: str = Field("", description="Key of the certificate (PEM).")
    user: str = Field(
        "", description="User that the desk becomes once its port is open, when root starts it; empty: none."
    )
    max_message_bytes: int = Field(25 * 1024 * 1024, ge=65536, description="Largest mail that is accepted, in octets.")
    max_connections: int = Field(100, ge=1, description="Most connections at one time.")
    max_connections_per_client: int = Field(
        30, ge=1, description="Most connections of one client (IPv4 address or IPv6 /64) at one time."
    )
    max_connections_per_minute: int = Field(300, ge=1, description="Most new connections of one client in a minute.")
    unlimited_clients: list[IPvAnyNetwork] = Field(
        ["127.0.0.0/8", "::1/128"],
        validate_default=True,
        description="Networks of clients, such as your relays, without the two limits above.",
    )
    evict_after_seconds: int = Field(
        10, ge=0, description="When all connections are in use: seconds without progress after which one is closed."
    )
    max_data_bytes: int = Field(
        128 * 1024 * 1024,
        ge=65536,
        description="Most octets of all mails that are being received; beyond it the largest gets 452.",
    )
    min_data_rate: int = Field(
        500, ge=0, description="Least octets per second of a mail, after the first timeout_seconds; 0: any."
    )
    max_errors: int = Field(20, ge=1, description="Most errors (5yz) in a connection; after them it is closed (421).")
    refusal_log_seconds: int = Field(
        60, ge=1, description="Time in which refusals of one client for one reason become one row of the mail log."
    )
    max_recipients: int = Field(100, ge=1, description="Most recipients of one mail.")
    timeout_seconds: int = Field(60, ge=1, description="Longest time without a command from the client, in seconds.")
    session_seconds: int = Field(1800, ge=1, description="Longest duration of a connection, in seconds.")
    min_free_bytes: int = Field(
        100 * 1024 * 1024, ge=0, description="Free disk space in octets below which mail is refused (452)."
    )


class ImapSection(Section):
    """An IMAP folder that mail is fetched from, for a desk without an SMTP port."""

    enabled: bool = Field(False, description="Whether mail is fetched from a folder.")
    host: str = Field("", description="The IMAP server.")
    port: Port = Field(993, description="Its port.")
    tls: Literal["none", "starttls", "implicit"] = Field("implicit", description="none, starttls or implicit.")
    user: str = Field("", description="User that logs in.")
    password_file: str = Field("", description="File with the password, or the access token; or MAILBOT_IMAP_PASSWORD.")
    oauth2: bool = Field(False, description="Whether to log in with XOAUTH2, with a token of [oauth2] or of the file.")
    folder: str = Field("INBOX", description="The folder that is fetched from.")
    done_folder: str = Field("mailbot", description="The folder that fetched mail is moved to.")
    idle: bool = Field(True, description="Whether to wait for new mail with IDLE (RFC 2177).")
    poll_seconds: int = Field(60, ge=1, description="How often the folder is searched in any case, in seconds.")


class OAuth2Section(Section):
    """Access tokens for [imap] and [relay] with oauth2 = true."""

    provider: Literal["", "microsoft", "google"] = Field(
        "", description="Who issues the tokens: microsoft, google; empty: another program, which writes password_file."
    )
    key_file: str = Field(
        "",
        description="Microsoft: client secret, or private key and certificate (PEM); Google: service account (JSON).",
    )
    tenant: str = Field("", description="Microsoft: the directory (tenant) ID.")
    client_id: str = Field("", description="Microsoft: the application (client) ID.")
    authority: str = Field(
        "https://login.microsoftonline.com", description="Microsoft: the token service; national clouds have others."
    )


class WebSection(Section):
    """The web server, with the pages of ID通知内容."""

    enabled: bool = Field(True, description="Whether the pages are served.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: Port = Field(8025, description="Port to listen on; 0: any that is free.")
    tls_cert: str = Field("", description="Certificate chain (PEM) for HTTPS; empty: HTTP, behind a proxy with TLS.")
    tls_key: str = Field("", description="Key of the certificate (PEM).")
    max_connections: int = Field(
        100, ge=2, description="Most connections; beyond them, the one that has waited longest is closed."
    )
    max_connections_per_client: int = Field(
        20, ge=1, description="Most connections of one client (IPv4 address or IPv6 /64), but not of a trusted proxy."
    )
    request_seconds: int = Field(10, ge=1, description="Longest time until a request is complete, in seconds.")
    health_host: str = Field(
        "127.0.0.1", description="Address of /healthz, /readyz and /metrics, which have a port of their own."
    )
    health_port: Port = Field(8026, description="Port of /healthz, /readyz and /metrics; 0: any that is free.")
    password_checks: int = Field(
        2, ge=1, description="How many passwords are verified at the same time; each takes 64 MiB of memory."
    )
    login_failures: int = Field(
        10, ge=4, description="Most wrong passwords of one client for an office in 15 minutes; then it has to wait."
    )
    login_failures_of_office: int = Field(
        50, ge=4, description="The same of all clients together, but of browsers that have logged in before."
    )
    known_browser_days: int = Field(
        90, ge=1, description="Days in which wrong passwords of others do not lock out a browser that has logged in."
    )
    login_link_minutes: int = Field(
        30, ge=1, description="Minutes in which the log-in link works that the 管理責任者 can ask for by mail."
    )
    trusted_proxies: list[str] = Field(
        ["127.0.0.1", "::1"], description="Addresses of proxies whose X-Forwarded-For is trusted."
    )
