"""UIDs of IMAP messages that are in the intake store.

So a message is stored once even if the process dies before the server has flagged or deleted it.
"""

from dataclasses import dataclass

from mailbot.records.schema.intake_tables import FetchedRow


@dataclass(frozen=True)
class FolderState:
    """An IMAP folder and its UIDVALIDITY: a UID identifies a message only together with it (RFC 9051 §2.3.1.1)."""

    account: str  # user@host
    folder: str
    uidvalidity: int


def record_once(state: FolderState, uid: int) -> bool:
    """Record `uid`, in the transaction of the intake store that stores its mail; False when it was recorded before."""
    row = {**vars(state), "uid": uid}
    return bool(FetchedRow.insert(**row).on_conflict_ignore().as_rowcount().execute())


def is_recorded(state: FolderState, uid: int) -> bool:
    """Whether `uid` was recorded: its mail is stored."""
    return (
        FetchedRow.select()
        .where(
            FetchedRow.account == state.account,
            FetchedRow.folder == state.folder,
            FetchedRow.uidvalidity == state.uidvalidity,
            FetchedRow.uid == uid,
        )
        .exists()
    )
