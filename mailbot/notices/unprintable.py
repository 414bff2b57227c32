"""Why a paper could not be made."""

from mailbot.errors import Permanent


class Unprintable(Permanent):
    """A paper could not be made; `what` is at fault.  A person makes this one."""

    def __init__(self, what: str) -> None:
        super().__init__("A paper could not be printed.", what)
        self.what = what


class MissingGlyphs(Unprintable):
    """The font cannot show the characters in `what`: a box in place of a name is none."""
