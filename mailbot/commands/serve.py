"""The command `mailbot serve`."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mailbot.commands.common import common_options, config_path, load_config
from mailbot.errors import UsageError
from mailbot.text import did_you_mean

if TYPE_CHECKING:
    from mailbot.app.checks.kinds import Finding


@click.command()
@click.option("--roles", default="", help="Some of smtp,imap,worker,sender,web (default: all).", metavar="ROLE,…")
@click.option("--user", default="", help="Started by root: become this user once the SMTP port is open (smtp.user).")
@click.option("--as-root", is_flag=True, help="Run as root all the same.")
@common_options
def serve(roles: str, user: str, as_root: bool) -> None:
    """Run the desk until SIGTERM or Ctrl-C; the mails that are being handled are finished first, within 20 seconds.

    SIGHUP reads certificates, log level and templates again.

    Example: mailbot --config desk/config.toml serve
    """
    from mailbot.app.server import ROLES, ListenAddress
    from mailbot.app.serving import Told
    from mailbot.app.serving import serve as run
    from mailbot.logs import set_up_logging

    chosen = tuple(role.strip() for role in roles.split(",") if role.strip()) or ROLES
    unknown = [role for role in chosen if role not in ROLES]
    if unknown:
        raise UsageError(
            f"no role {', '.join(unknown)}{did_you_mean(unknown[0], ROLES)}; expected some of {', '.join(ROLES)}"
        )
    config = load_config()
    set_up_logging(config.log.level, config.log.format)

    def found(findings: "Sequence[Finding]") -> None:
        for one in findings:
            click.echo(f"{one.severity.upper()}: {one.line}", err=True)

    def started(listening: ListenAddress | None, pages: ListenAddress | None) -> None:
        if listening is not None:
            click.echo(f"listening on {listening.host}:{listening.port} for {config.desk.address}", err=True)
        if pages is not None:
            scheme = "https" if config.web.tls_cert else "http"
            click.echo(f"pages at {scheme}://{pages.host}:{pages.port}/", err=True)

    asyncio.run(run(config, Told(config_path(), chosen, found, started, user, as_root)))
