"""Which messages of an IMAP folder are in the inbox: each once, even if the process dies before the server is told."""

from dataclasses import dataclass

from mailbot.records.schema.queue_tables import FetchedRow


@dataclass(frozen=True)
class FolderState:
    """A folder as the server numbers it: UIDs mean something only together with UIDVALIDITY (RFC 9051 §2.3.1.1)."""

    account: str  # user@host
    folder: str
    uidvalidity: int


def record_once(state: FolderState, uid: int) -> bool:
    """Note `uid`, in the transaction that keeps its mail; False when it was noted before."""
    row = {**vars(state), "uid": uid}
    return bool(FetchedRow.insert(**row).on_conflict_ignore().as_rowcount().execute())


def is_recorded(state: FolderState, uid: int) -> bool:
    """Whether the mail with `uid` is in the inbox already."""
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
