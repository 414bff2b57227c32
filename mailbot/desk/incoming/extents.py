"""How much of a mail is read, judged by its header section, its recipients and its evidence alone."""

from mailbot.desk.incoming.request import Sender
from mailbot.mail.extent import BRIEF, UNOPENED, WHOLE, Extent
from mailbot.model.evidence import Result
from mailbot.model.queued_mail import InboxItem
from mailbot.model.reply_token import Grant
from mailbot.model.standing import Standing, standing_of


def extent_of(sender: Sender, grant: Grant | None, item: InboxItem, *, proof_required: bool) -> Extent:
    """The extent for a sender with `grant`, the one of the reply address that the mail was sent to.

    Only for a registered sender who may act are attached files opened.  A newcomer of a proven domain is asked about
    first; the mail is read again, as a whole, when the 管理責任者 has confirmed it.
    """
    standing = standing_of(item.evidence, sender.address, proof_required=proof_required)
    if standing is Standing.FORGED:
        return BRIEF
    if not sender.is_registered:
        if item.evidence.confirmed:
            return WHOLE
        return UNOPENED if sender.address and item.evidence.aligned is Result.PASS else BRIEF
    own = grant is not None and grant.email == sender.address and grant.proves_at(item.received_at)
    return WHOLE if standing is Standing.PROVEN or own else UNOPENED
