"""What is said about the configuration, files and certificates.  The values of a `Problem` fill the formats."""

from mailbot.app.checks.kind import Kind, Severity

_R, _B, _W = Severity.REFUSED, Severity.BROKEN, Severity.WARNING

_CONFIGURATION = {
    "config-not-found": Kind(
        _B,
        "no configuration file was found (tried {tried}): these are the checks of the defaults",
        "{do}",
    ),
    "admin-empty": Kind(
        _R,
        "desk.admin is empty: nobody would learn of a fault, of quarantined mail, or of a notice that failed",
        'Set desk.admin = ["you@your.domain"]',
    ),
    "admin-example": Kind(
        _W,
        "desk.admin still has the address of the example, {address}: no alert reaches anybody",
        "Set desk.admin to the operators' own addresses",
    ),
    "admin-is-the-desk": Kind(
        _B,
        "desk.admin contains the desk's own address {address}: it would answer its own alerts",
        "Name the mailbox of a person",
    ),
    "address-example": Kind(
        _W,
        "desk.address is still that of the example, {address}: no mail from outside arrives",
        "Set desk.address to the desk's mailbox",
    ),
    "base-url-missing": Kind(
        _W,
        "desk.base_url is not set: notices name {url}, which nobody else can open",
        'Set desk.base_url = "https://…", as people reach the pages',
    ),
    "base-url-not-a-url": Kind(
        _B, "desk.base_url = {url!r} is no URL of the pages", "Expected https://HOST/, such as https://desk.example.jp/"
    ),
    "as-root": Kind(
        _W,
        "the desk runs as root: a fault in it would give away the whole machine",
        "Run it as a user of its own (smtp.user), who owns the folder of the store and nothing else; as root,"
        " `mailbot serve` opens no SMTP port to other machines without --as-root",
    ),
    "writable-by-all": Kind(
        _W,
        "{path} can be changed by every user of the machine, who would run the desk with it",
        "Run: chmod o-w {path}",
    ),
    "senders-not-authenticated": Kind(
        _W,
        'SENDERS ARE NOT AUTHENTICATED: auth.require = "registered" trusts the From header field. Anybody who can reach'
        " the SMTP port can send mail as a registered applicant",
        'Set auth.require = "dmarc", or keep the port on loopback or behind a relay that verifies senders',
    ),
    "smtp-open": Kind(
        _W,
        "smtp.host = {host!r} accepts connections from other machines, and senders are not authenticated",
        'Set smtp.host = "127.0.0.1" and let a relay that verifies senders deliver to it',
    ),
    "smtp-without-tls": Kind(
        _W,
        "smtp.tls_cert is not set: mail from other machines is received without encryption",
        "Set smtp.tls_cert and smtp.tls_key",
    ),
    "web-without-tls": Kind(
        _W,
        "web.host = {host!r} accepts connections from other machines without TLS: office passwords and issued passwords"
        " would be sent in clear",
        'Set web.tls_cert and web.tls_key, or web.host = "127.0.0.1" behind a proxy with TLS',
    ),
    "base-url-without-tls": Kind(_W, "desk.base_url = {url!r} is a URL without TLS", "Use https://"),
    "password-in-clear": Kind(
        _R,
        '{section}.tls = "none" would send the password of {section}.user to {host} without TLS',
        'Set {section}.tls = "starttls" or "implicit"',
    ),
    "mail-in-clear": Kind(
        _W, '{section}.tls = "none" connects to {host} without TLS', 'Set {section}.tls = "starttls" or "implicit"'
    ),
    "relay-not-set": Kind(
        _W,
        "relay.host is not set: notices are written to {folder!r} and not sent",
        "Set relay.host and relay.port, to send them",
    ),
}
_FILES = {
    "password-missing": Kind(
        _B,
        "{section}.user = {user!r} logs in, and there is no password ({why})",
        "Write it into a file that the desk alone can read, and set {section}.password_file",
    ),
    "readable-by-others": Kind(_B, "{path} ({what}) can be read by other users", "Run: chmod 600 {path}"),
    "key-readable-by-others": Kind(_R, "{path} ({what}) can be read by other users", "Run: chmod 600 {path}"),
    "key-not-usable": Kind(_R, "{detail}", "Put back the file that this store was made with"),
    "token-key-missing": Kind(
        _R,
        "{path} is missing: it signs the reply addresses and encrypts the mails of this store",
        "Put back the copy that you keep; if there is none: mailbot keys lost",
    ),
    "token-key-of-another-store": Kind(_R, "{detail}", "Put back the key file of this store"),
    "vault-key-missing": Kind(
        _R,
        "{path} is missing: {count} issued passwords are encrypted with it",
        "Put it back, if it was moved; if it is lost: mailbot keys lost, and these offices apply again",
    ),
    "vault-key-of-another-store": Kind(
        _B,
        "{path} does not have the keys of {count} issued passwords: it is the file of another store, or an older copy",
        "Put back the right file; else these offices see no password, and apply again",
    ),
    "not-writable": Kind(
        _R,
        "{path} cannot be written by this user ({why})",
        "Run the desk as the owner of the folder, or: chown -R USER {path}",
    ),
    "owned-by-another": Kind(
        _R,
        "{path} belongs to another user and cannot be opened: the desk was perhaps started once as root",
        "Run: chown {owner} {path}",
    ),
    "disk-full": Kind(
        _B,
        "{free} MB are free on the disk of {path}, less than smtp.min_free_bytes ({floor} MB): all mail is refused"
        " (452)",
        "Make room on the disk",
    ),
    "disk-nearly-full": Kind(
        _W,
        "{free} MB are free on the disk of {path}; below {floor} MB (smtp.min_free_bytes) all mail is refused (452)",
        "Make room on the disk",
    ),
    "dkim-key-not-usable": Kind(_R, "{detail}", "Correct the key in [relay], or leave it empty"),
    "pinned-key-not-usable": Kind(_R, "{detail}", "Correct auth.pinned_dkim"),
}
_CERTIFICATES = {
    "certificate-not-readable": Kind(
        _R, "{key} = {path}: {why}", "Name a file in PEM that the user of the desk can read"
    ),
    "certificate-of-another-key": Kind(
        _R, "{key} = {path} is not the certificate of the key in {other}", "Name the pair that was issued together"
    ),
    "certificate-expired": Kind(
        _R, "{key} = {path} expired on {day}", "Renew the certificate, and restart the desk after each renewal"
    ),
    "certificate-not-yet-valid": Kind(
        _B, "{key} = {path} is valid from {day} on only", "Check the system clock, or take the earlier certificate"
    ),
    "certificate-near-its-end": Kind(
        _W, "{key} = {path} expires on {day}, in {days} days", "See why it was not renewed, and restart the desk then"
    ),
    "certificate-for-another-name": Kind(
        _W, "{key} = {path} is for {names}, and not for {host} ({why})", "Get a certificate for {host}"
    ),
}
SETUP = _CONFIGURATION | _FILES | _CERTIFICATES
