"""The order of the tests, and their fixtures where tests are run."""

import gc
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes belongs to the machine, not to the code.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")


def pytest_configure(config: pytest.Config) -> None:
    """The process that distributes the tests to others runs none: it does not import the program."""
    if hasattr(config, "workerinput") or config.getoption("dist", "no") == "no":
        config.pluginmanager.import_plugin("tests.fixtures")


# Longest first: with one of them last, the other workers would wait for it.  Those that mostly wait, for timeouts and other
# processes, are among the others: two of them at the same time would leave a processor idle.
LONGEST_FILES = (
    "mail/test_quoting_matrix.py",
    "app/test_checks.py",
    "threats/test_reading.py",
    "commands/test_commands.py",
    "conversations/test_bad_input.py",
    "desk/answers/test_challenges.py",
    "threats/test_forgeries.py",
    "runners/test_starttls.py",
    "desk/operations/test_daily_list_reply.py",
    "conversations/test_inquiries.py",
    "conversations/test_contract_changes.py",
    "demo/test_demo.py",
    "conversations/test_mailbox_passwords.py",
    "conversations/test_other_words.py",
    "desk/incoming/test_contact_details.py",
    "runners/test_imap_hostile.py",
    "desk/answers/test_guides.py",
    "desk/calendar/test_reminders.py",
    "threats/test_floods.py",
    "runners/test_smtp_limits.py",
    "threats/test_signatures.py",
    "test_docs.py",
    "runners/test_web.py",
    "runners/test_desk_review.py",
    "runners/test_relay_answers.py",
    "commands/test_register.py",
    "threats/test_processes.py",
    "mail/test_html_bombs.py",
    "runners/test_desk_pages.py",
    "runners/test_web_strangers.py",
    "notices/test_hostile_templates.py",
    "desk/incoming/test_pasted.py",
    "desk/answers/test_look_ups.py",
    "conversations/test_own_words.py",
    "runners/test_web_limits.py",
    "records/test_applications.py",
    "conversations/test_every_transition.py",
    "threats/test_people.py",
    "runners/test_web_login.py",
    "runners/test_desk_mails.py",
    "desk/operators/test_reopen.py",
    "conversations/test_every_kind.py",
    "commands/test_loaded_libraries.py",
    "desk/incoming/test_own_words.py",
    "conversations/test_inquiries_bad_input.py",
    "mail/test_message.py",
    "runners/test_smtp.py",
    "records/test_database.py",
    "threats/test_operators.py",
    "runners/test_desk_register.py",
    "procedures/test_own.py",
    "app/test_template_proof.py",
    "register_files/test_register_file.py",
    "test_architecture.py",
    "commands/test_quickstart.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, whatever order the others are in."""
    ranks = {Path(__file__).parent / name: rank for rank, name in enumerate(LONGEST_FILES)}
    assert all(path.is_file() for path in ranks)
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


def pytest_collection_finish() -> None:
    """What the tests are made of stays until the end: the garbage collector, a tenth of the time, looks at the rest."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def pytest_sessionfinish() -> None:
    """pytest collects five times for what destructors raise, and Python once more: after two there is nothing left."""
    for _ in range(2):
        gc.collect()
    gc.freeze()
