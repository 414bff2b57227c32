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


# Longest first: with one of them last, one worker would wait for the other.
LONGEST_FILES = (
    "app/test_checks.py",
    "mail/test_quoting_matrix.py",
    "threats/test_reading.py",
    "conversations/test_bad_input.py",
    "threats/test_forgeries.py",
    "commands/test_commands.py",
    "desk/incoming/test_contact_details.py",
    "conversations/test_mailbox_passwords.py",
    "threats/test_floods.py",
    "app/test_template_proof.py",
    "conversations/test_other_words.py",
    "commands/test_loaded_libraries.py",
    "runners/test_web.py",
    "runners/test_desk_review.py",
    "desk/answers/test_challenges.py",
    "conversations/test_inquiries.py",
    "desk/operations/test_daily_list_reply.py",
    "desk/calendar/test_reminders.py",
    "conversations/test_contract_changes.py",
    "desk/answers/test_guides.py",
    "threats/test_signatures.py",
    "commands/test_register.py",
    "runners/test_desk_mails.py",
    "test_architecture.py",
    "desk/incoming/test_own_words.py",
    "threats/test_processes.py",
    "mail/test_html_bombs.py",
    "runners/test_relay_answers.py",
    "test_docs.py",
    "runners/test_desk_pages.py",
    "mail/test_message.py",
    "desk/incoming/test_pasted.py",
    "procedures/test_own.py",
    "records/test_database.py",
    "conversations/test_every_kind.py",
    "register_files/test_register_file.py",
    "records/test_applications.py",
    "conversations/test_own_words.py",
    "threats/test_people.py",
    "desk/answers/test_look_ups.py",
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
