"""What is said about servers, DNS, the store and templates.  The values of a `Problem` fill the formats."""

from mailbot.app.checks.kind import Kind, Severity

_R, _B, _W = Severity.REFUSED, Severity.BROKEN, Severity.WARNING
_LOGIN = "Correct the password; with OAuth2, what the token gives access to"

_SERVERS = {
    "smtp-port-taken": Kind(
        _B, "another program listens on {where} (smtp.port): {why}", "Stop it, or set another smtp.port"
    ),
    "web-port-taken": Kind(_B, "another program listens on {where} ({key}): {why}", "Stop it, or set another {key}"),
    "port-not-allowed": Kind(
        _B, "this user may not listen on {where} ({key}): {why}", "Use a port above 1023, behind a relay or a proxy"
    ),
    "relay-dead": Kind(_B, "the relay {where} does not answer ({why})", "Check relay.host and relay.port"),
    "relay-no-starttls": Kind(
        _B,
        'the relay {where} offers no STARTTLS, and relay.tls = "starttls": nothing is sent',
        'Switch it on there, or set relay.tls = "implicit" with its port (465)',
    ),
    "relay-tls": Kind(
        _B,
        "TLS with the relay {where} fails ({why})",
        "Check its certificate, that relay.host is its name there, and that relay.tls fits relay.port",
    ),
    "relay-no-auth": Kind(
        _B,
        "the relay {where} offers no AUTH, and relay.user = {user!r} is to log in: nothing is sent",
        "Use its port for submission (587), or leave relay.user empty",
    ),
    "relay-refused": Kind(_B, "the relay {where} refuses the log-in of {user!r} ({why})", _LOGIN),
    "oauth2-incomplete": Kind(
        _B,
        'oauth2.provider = "{provider}" renews the access tokens, and {missing} is missing',
        "Set it in config.toml: docs/how-to/cloud-mailboxes.md",
    ),
    "oauth2-two-users": Kind(
        _B,
        "imap.user = {imap!r} and relay.user = {relay!r} are two accounts, and [oauth2] renews the tokens of one",
        "Use one account for both",
    ),
    "token-not-renewed": Kind(
        _B,
        "{provider} issues no access token ({why}): when the last one expires, no mail is fetched or sent",
        "Correct [oauth2], or renew what has expired: docs/how-to/cloud-mailboxes.md",
    ),
    "imap-dead": Kind(_B, "the IMAP server {where} does not answer ({why})", "Check imap.host and imap.port"),
    "imap-no-starttls": Kind(
        _B, "the IMAP server {where} offers no STARTTLS", 'Set imap.tls = "implicit" with its port (993)'
    ),
    "imap-tls": Kind(
        _B, "TLS with the IMAP server {where} fails ({why})", "Check its certificate, and that imap.tls fits imap.port"
    ),
    "imap-refused": Kind(_B, "the IMAP server {where} refuses the log-in of {user!r} ({why})", _LOGIN),
    "imap-no-folder": Kind(
        _B, "the IMAP server {where} has no folder {folder!r}: no mail is fetched", "Correct imap.folder, or make it"
    ),
}
_DNS = {
    "name-servers-dead": Kind(
        _B,
        "no name server answers ({why}): no sender can be authenticated, their mail waits",
        "Correct auth.nameservers, or the machine's /etc/resolv.conf",
    ),
    "name-servers-wrong": Kind(_R, "auth.nameservers: {why}", "Name IP addresses, such as 192.0.2.53 or 192.0.2.53:53"),
    "dns-no-mx": Kind(
        _W, "{domain} has no MX record: mail to {address} does not arrive", "Publish: {domain}. MX 10 {host}."
    ),
    "dns-null-mx": Kind(
        _B, "{domain} publishes that it takes no mail (null MX, RFC 7505)", "Publish: {domain}. MX 10 {host}."
    ),
    "dns-mx-without-address": Kind(
        _B, "the MX of {domain}, {host}, has no address", "Publish an A or AAAA record of {host}"
    ),
    "dns-no-spf": Kind(
        _W,
        "{domain} has no SPF record: notices may be taken for forgeries",
        'Publish: {domain}. TXT "v=spf1 mx -all", with what else sends for it',
    ),
    "dns-two-spf": Kind(
        _B, "{domain} has {count} SPF records, which is an error (RFC 7208 §4.5)", "Join them into one"
    ),
    "dns-spf-fails": Kind(
        _B,
        "the SPF record of {domain} does not allow the relay {host} ({ip}): notices are refused",
        "Add ip4:{ip} to it",
    ),
    "dkim-not-set": Kind(
        _W,
        "relay.dkim_key is not set: notices are not signed, unless the relay does",
        "Make a key, set relay.dkim_key, and publish its record",
    ),
    "dns-no-dkim": Kind(
        _B, "{name} has no DKIM record of {key}: receivers cannot verify the notices", 'Publish: {name}. TXT "{record}"'
    ),
    "dns-other-dkim": Kind(
        _B,
        "the DKIM record at {name} is not that of {key}: every signature of a notice fails",
        'Publish: {name}. TXT "{record}"',
    ),
    "dns-no-dmarc": Kind(
        _W,
        "{domain} has no DMARC record: anybody can send mail in the desk's name",
        'Publish: _dmarc.{domain}. TXT "v=DMARC1; p=reject"',
    ),
    "dns-base-url": Kind(
        _B, "{host}, of desk.base_url, has no address in DNS: nobody opens the pages", "Publish an A or AAAA record"
    ),
}
_STORE = {
    "store-missing": Kind(_B, "{detail}", "Check store.url and the folder of config.toml"),
    "store-damaged": Kind(_R, "{detail}", "Restore a backup into a new store: docs/how-to/backup.md"),
    "store-not-read": Kind(
        _W,
        "{path} has {size} and was not looked through for damage: that takes minutes",
        "Run: mailbot doctor --whole-store, from time to time and when the desk has little to do",
    ),
    "store-away": Kind(
        _B, "the database cannot be reached ({detail})", "Start it, or correct store.url; mail is refused with 4yz"
    ),
    "store-newer": Kind(
        _R, "a newer version of mailbot has changed the store ({name})", "Install that version, or restore a backup"
    ),
    "store-older": Kind(
        _W,
        "an older version of mailbot made the store: {count} migrations are to be done, the first is {name}",
        "The next `mailbot serve` does them; make a backup before",
    ),
    "store-settings": Kind(_B, "{detail}", "See docs/how-to/postgresql.md"),
    "no-offices": Kind(
        _B, "the register has no offices: no application can be accepted", "Run: mailbot register import FILE"
    ),
    "no-reviewer": Kind(
        _B,
        "no reviewer has category {category} ({procedures}): no such application can be approved",
        "Add the category to a [[reviewer]] of the register",
    ),
    "reviewers-absent": Kind(
        _W, "every reviewer of category {category} is absent ({names})", "Wait, or name another reviewer"
    ),
    "worker-stuck": Kind(
        _B,
        "{count} mails wait to be handled, the oldest (#{number}) since {since}, and none was for {minutes} minutes",
        "Look at the log for worker-died or store-unavailable, and restart the desk",
    ),
    "not-served": Kind(_W, "{count} mails wait since {since}, and no desk is running", "Start it: mailbot serve"),
    "notices-unwritten": Kind(
        _B,
        "{count} notices cannot be written, the oldest since {since}",
        "Run: mailbot templates check; they are tried every minute",
    ),
    "notices-failed": Kind(
        _W,
        "{count} notices of the last 7 days were not delivered, the latest to {recipient} (n{number}): {reply}",
        "Run: mailbot outbox list --state failed; correct the address, then: mailbot outbox retry",
    ),
    "alerts-failed": Kind(
        _B,
        "{count} alerts to the operators were not delivered, the latest to {recipient} (n{number}): {reply}",
        "Correct desk.admin or the relay, then: mailbot outbox retry {number}",
    ),
    "notices-wait": Kind(
        _B,
        "{count} notices wait for the relay, the oldest since {since}: {reply}",
        "Correct what the relay says; they are sent by themselves then",
    ),
    "quarantined-known": Kind(
        _W,
        "{count} mails of registered people are in quarantine and wait for you, the oldest (#{number}) since {since}",
        "Run: mailbot quarantine list, then release or discard them",
    ),
    "clock-back": Kind(
        _B,
        "the system clock says {now}, and the desk has seen {mark} already: nothing that is due is done",
        "Set the clock (NTP); if it is right: mailbot clock accept",
    ),
    "clock-ahead": Kind(
        _B,
        "the system clock says {now}, {days} days after the last run of the desk ({mark}): nothing that is due is done",
        "If the clock is right: mailbot clock accept",
    ),
}
_CHECKS = {
    "check-failed": Kind(_W, "the check {check} failed itself ({error})", "Report it with the traceback in the log"),
}
_TEMPLATES = {
    "template-broken": Kind(_R, "{where}: {what}", "Correct it, or delete the file: then the program's own is used"),
    "template-unknown": Kind(_W, "{where}: no template has this name{meant}", "Rename or delete it"),
    "template-stale": Kind(
        _W,
        "{where}: the program's own template has changed since this copy was made",
        "Run: mailbot templates diff {name}, take over what is new, then: mailbot templates copy {name} --keep",
    ),
}
OPERATION = _SERVERS | _DNS | _STORE | _TEMPLATES | _CHECKS
