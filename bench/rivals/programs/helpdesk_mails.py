"""Run by django-helpdesk's own Python: hands mails to its e-mail handler, each of which becomes a ticket and a notice.

    python helpdesk_mails.py FOLDER SMTP_PORT

Each line on standard input is the path of a JSON list of mails; `done` answers it when all are in the database.
"""

import json
import logging
import sys
from pathlib import Path

import django
from django.conf import settings

folder, port = Path(sys.argv[1]), int(sys.argv[2])
settings.configure(
    SECRET_KEY="only for a measurement on loopback",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.sites",
        "django.contrib.humanize",
        "helpdesk",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "helpdesk.sqlite3")}},
    EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
    EMAIL_HOST="127.0.0.1",
    EMAIL_PORT=port,
    HELPDESK_KBITEM_TEAM_GETTER=lambda _: None,  # without the packages for teams, as its documentation says
    HELPDESK_TEAMS_MIGRATION_DEPENDENCIES=[],
    HELPDESK_TEAMS_MODEL="auth.User",
    MEDIA_ROOT=str(folder / "media"),
    ROOT_URLCONF=__name__,
    SITE_ID=1,
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.urls import include, path  # noqa: E402
from helpdesk.email import extract_email_metadata  # noqa: E402
from helpdesk.models import Queue, Ticket  # noqa: E402

urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
call_command("migrate", verbosity=0)
call_command("loaddata", "emailtemplate.json", verbosity=0)
queue = Queue.objects.create(
    title="desk", slug="desk", email_address="desk@desk.example", allow_email_submission=True, locale="en"
)
logger = logging.getLogger("mails")
print("ready", flush=True)
for line in sys.stdin:
    before = Ticket.objects.count()
    mails = json.loads(Path(line.strip()).read_text(encoding="utf-8"))
    for text in mails:
        extract_email_metadata(text, queue, logger)
    if Ticket.objects.count() - before != len(mails):
        raise SystemExit("not every mail became a ticket")
    print("done", flush=True)
