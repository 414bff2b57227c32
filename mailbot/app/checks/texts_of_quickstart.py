"""What `mailbot quickstart --check` says beside the findings of doctor.  The values of a `Problem` fill the formats."""

from mailbot.app.checks.kind import Kind, Severity

_B, _W = Severity.BROKEN, Severity.WARNING

QUICKSTART = {
    "setup-file-missing": Kind(
        _B,
        "{folder}/setup/ lacks {names}",
        "Run mailbot quickstart {address} {folder} again: it writes what is missing",
    ),
    "setup-record-missing": Kind(
        _B,
        "DNS has not the record {kind} of {name} in setup/dns.zone: there is {there}",
        "Publish: {value}; or correct the file, where another one is right",
    ),
    "setup-record-unknown": Kind(
        _W,
        "no name server answered for the record {kind} of {name}",
        "Look again later, or set auth.nameservers",
    ),
    "setup-zone-not-usable": Kind(
        _B, "{zone}: {why}", "Correct the file, or move it away and run mailbot quickstart again"
    ),
    "setup-no-postfix": Kind(
        _W,
        "Postfix is not on this machine, and the desk does not listen on port 25: nobody can see from here whether"
        " mail reaches it",
        "Route the desk's addresses where your Postfix is, as setup/postfix/main.cf does",
    ),
    "setup-postfix-route": Kind(
        _B, "Postfix does not hand {address} to {wanted}", "Set what setup/postfix/main.cf has, then: postfix reload"
    ),
    "setup-bare-newlines": Kind(
        _B,
        "Postfix accepts bare newlines, by which a second mail can be smuggled in (CVE-2023-51764)",
        "Run: postconf -e smtpd_forbid_bare_newline=yes (Postfix before 3.5.23, 3.6.13, 3.7.9 and 3.8.4 does not know"
        " it: upgrade it)",
    ),
    "setup-no-unit": Kind(
        _B,
        "{unit} is not there: the desk does not start with the machine",
        "Run: install -m 644 {written} {unit} && systemctl daemon-reload",
    ),
    "setup-not-running": Kind(_B, "{unit} does not run", "Run: systemctl enable --now {unit}"),
    "setup-not-listening": Kind(
        _B, "the SMTP port {where} of the desk does not answer ({why})", "Start the desk, and look at its log"
    ),
    "setup-pages-not-reached": Kind(
        _B,
        "the pages at {url} are not reached ({why})",
        "Get a certificate, and copy setup/nginx.conf to /etc/nginx/sites-enabled/mailbot",
    ),
    "setup-pages-refused": Kind(
        _B,
        "the pages at {url} answer with status {status}",
        "See whether the desk runs, and whether web.port is that of setup/nginx.conf",
    ),
}
