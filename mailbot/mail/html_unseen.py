"""Removes from a page what its reader does not see, or sees struck out: nobody means it (T-35).

Where that is uncertain, as of white letters on a ground that is not given, the text stays and is called doubtful: the
desk asks about a mail whose own words have it.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from mailbot.mail.colours import RGB, colour_of, contrast
from mailbot.mail.html_sheet import Sheets
from mailbot.mail.html_style import UNKNOWN, Colour, Look, Seen, look_of, over
from mailbot.patterns import any_of

TAGS = frozenset({"del", "s", "strike", "template", "datalist", "select", "option", "optgroup", "textarea", "svg",
                  "object", "noscript", "noframes", "noembed", "iframe", "audio", "video", "canvas", "embed", "rp",
                  "meter", "progress", "script", "style", "title"})  # fmt: skip
_UNHEARD = frozenset({"script", "style", "title"})  # which no reader of the page takes for its text
_WHITE, _BLACK, _BLUE, _YELLOW = (255, 255, 255), (0, 0, 0), (0, 0, 238), (255, 255, 0)
_ORDINARY_SIZE = 16.0  # pixels
_SMALLEST, _SMALL = 2.0, 4.0  # pixels: of letters that nobody can read, and of those that hardly anybody can
_SAME = 24  # of 255: how much each part of two colours differs at most, when they look the same
_FAINT = 1.3  # contrast ratio below which a text can hardly be seen
MOST_PIECES = 2_000  # that are kept of a page
_MAY_HIDE = any_of(
    rf"<(?:{'|'.join(sorted(TAGS - {'script', 'title'}))}|details|dialog)\b", r"\bstyle\s*=", r"\bhidden\b", "color"
)
_NOT_TEXT = any_of(r"<(?:script|title)\b")


@dataclass(frozen=True)
class Unseen:
    """The pieces of text that were `removed`, and those whose reader may not see them (`doubtful`)."""

    removed: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


NOTHING_UNSEEN = Unseen()


@dataclass(frozen=True)
class _Place:
    """What the text of an element inherits.  `grounds` is empty while nobody has given a ground."""

    seen: Seen = Seen.YES
    visible: frozenset[bool] = frozenset({True})
    sizes: frozenset[float] = frozenset({_ORDINARY_SIZE})
    texts: frozenset[Colour] = frozenset({_BLACK})
    grounds: frozenset[Colour] = frozenset()

    @cached_property
    def of_text(self) -> Seen:
        """Whether a text at this place can be seen."""
        by_colour = [_seen_in(text, ground) for text in self.texts for ground in self.grounds or {None}]
        by_size = [_seen_of_size(size) for size in self.sizes]
        by_visibility = [Seen.YES if one else Seen.NO for one in self.visible]
        return max(self.seen, *(_together(one) for one in (by_colour, by_size, by_visibility)))


def may_hide(page: str) -> bool:
    """Whether a page has anything that may hide its text; cheap, and True more often than necessary."""
    return _MAY_HIDE.search(page) is not None


def has_unseen(page: str) -> bool:
    """Whether a page may have anything that `remove_unseen` removes; cheap, and True more often than necessary."""
    return may_hide(page) or _NOT_TEXT.search(page) is not None


def remove_unseen(tree: HtmlElement) -> Unseen:
    """Remove the text that is hidden or struck out by its tag, an attribute, a style or its colour."""
    return _Walk(tree).walk()


@dataclass
class _Walk:
    tree: HtmlElement
    removed: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)

    def walk(self) -> Unseen:
        self._close_details()
        sheets = Sheets(self.tree)
        gone: list[HtmlElement] = []
        places = [_Place(Seen.DOUBTFUL if sheets.is_cut else Seen.YES)]
        known: dict[tuple[object, ...], _Place] = {}  # most elements are like one before, at the same place

        for event, element in iterwalk(self.tree, events=("start", "end", "comment", "pi")):
            if event == "start":
                around = places[-1]
                key = (id(around), element.tag, *element.items())
                if key not in known:
                    known[key] = _inside(element, around, sheets)
                places.append(known[key])
                self._keep_text(element, known[key].of_text)
                continue
            if event == "end" and places.pop().seen is Seen.NO and places[-1].seen is not Seen.NO:
                gone.append(element)
            self._keep_tail(element, places[-1].of_text)
        for element in gone:
            if element.getparent() is not None:
                element.drop_tree()
        return Unseen(tuple(self.removed), tuple(self.doubtful))

    def _close_details(self) -> None:
        """Of `details` that is not open only the first `summary` is seen."""
        for element in list(self.tree.iter("details")):
            if "open" in element.attrib:
                continue
            shown = element.find("summary")
            pieces = [element.text, *("".join(one.itertext()) for one in element if one is not shown)]
            pieces += [one.tail for one in element]
            self.removed += [piece.strip() for piece in pieces if piece and piece.strip()][:MOST_PIECES]
            for one in list(element):
                if one is not shown:
                    element.remove(one)
            element.text = None
            if shown is not None:
                shown.tail = None

    def _keep_text(self, element: HtmlElement, seen: Seen) -> None:
        if seen is not Seen.YES:
            element.text = self._kept(element, element.text, seen)

    def _keep_tail(self, element: HtmlElement, seen: Seen) -> None:
        if seen is not Seen.YES:
            element.tail = self._kept(element, element.tail, seen)

    def _kept(self, element: HtmlElement, text: str | None, seen: Seen) -> str | None:
        if text is None or not text.strip():
            return text
        pieces = self.removed if seen is Seen.NO else self.doubtful
        if len(pieces) < MOST_PIECES and element.tag not in _UNHEARD:
            pieces.append(text.strip())
        return " " if seen is Seen.NO else text


def _inside(element: HtmlElement, around: _Place, sheets: Sheets) -> _Place:
    """What the text of `element` has, from what is around it."""
    if around.seen is Seen.NO:
        return around
    look = sheets.look_of(element)
    style = element.get("style")
    if style is not None:
        look = over(look_of(style), look)
    look = _with_attributes(element, look)
    seen = max(around.seen, look.seen, _by_tag(element))
    if seen == around.seen and not (look.visible or look.sizes or look.texts or look.grounds):
        return around
    return _Place(
        seen,
        look.visible or around.visible,
        frozenset(size for one in look.sizes for size in _absolute(one, around.sizes)) or around.sizes,
        look.texts or around.texts,
        _grounds(look.grounds, around.grounds),
    )


def _by_tag(element: HtmlElement) -> Seen:
    tag, attributes = element.tag, element.attrib
    is_unseen = tag in TAGS or "hidden" in attributes or (tag == "dialog" and "open" not in attributes)
    return Seen.NO if is_unseen else Seen.YES


def _with_attributes(element: HtmlElement, look: Look) -> Look:
    """The attributes for colours of HTML 4, which any style takes precedence over, and the colours of some tags."""
    tag = element.tag
    text = element.get("color") if tag == "font" else element.get("text") if tag == "body" else None
    if text is not None and not look.texts:
        look = replace(look, texts=frozenset({colour_of(text.lower()) or UNKNOWN}))
    elif tag == "a" and "href" in element.attrib and not look.texts:
        look = replace(look, texts=frozenset({_BLUE}))
    elif tag == "mark":
        look = replace(look, texts=look.texts or frozenset({_BLACK}), grounds=look.grounds or frozenset({_YELLOW}))
    if not look.grounds:
        if element.get("background"):
            return replace(look, grounds=frozenset({UNKNOWN}))
        ground = element.get("bgcolor")
        if ground:
            return replace(look, grounds=frozenset({colour_of(ground.strip().lower()) or UNKNOWN}))
    return look


def _grounds(own: frozenset[Colour], around: frozenset[Colour]) -> frozenset[Colour]:
    """Through a transparent ground the one behind it is seen."""
    if "transparent" not in own:
        return own or around
    return (own - {"transparent"}) | around if own != {"transparent"} else around


def _absolute(size: float, around: frozenset[float]) -> list[float]:
    return [size] if size >= 0 else [min(-size * one, 1_000.0) for one in around]


def _together(judgements: list[Seen]) -> Seen:
    """One of several that may be true."""
    return judgements[0] if len(set(judgements)) == 1 else Seen.DOUBTFUL


def _seen_of_size(size: float) -> Seen:
    return Seen.NO if size <= _SMALLEST else Seen.DOUBTFUL if size < _SMALL else Seen.YES


def _seen_in(text: Colour, ground: Colour | None) -> Seen:
    """Of a colour on a ground; None: on that of the program, which is white, or black in the dark."""
    if text == "transparent":
        return Seen.NO
    if isinstance(text, str) or isinstance(ground, str):
        return Seen.DOUBTFUL
    return _on(text, ground) if ground is not None else min(Seen.DOUBTFUL, _on(text, _WHITE))


def _on(text: RGB, ground: RGB) -> Seen:
    if max(abs(one - other) for one, other in zip(text, ground, strict=True)) <= _SAME:
        return Seen.NO
    return Seen.DOUBTFUL if contrast(text, ground) < _FAINT else Seen.YES
