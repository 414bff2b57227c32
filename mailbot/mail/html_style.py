"""What CSS declarations say about whether a text can be seen (CSS 2.2, CSS Color 4).

Not a cascade: declarations that contradict one another are kept together, and `html_unseen` calls the text doubtful.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from mailbot.mail.colours import RGB, colour_of

LONGEST_STYLE = 2_000  # characters of a style attribute, or of the block of a rule
MOST_VALUES = 4  # of one property of one element
UNKNOWN = "unknown"  # a colour that cannot be told, such as that of a picture
FAR = 100  # pixels beyond the edge of its place, from which a text cannot be seen
Colour = RGB | str
Values = Mapping[str, list[str]]

_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|([^0-9a-f]))", re.S)
_LENGTH = re.compile(r"([-+]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))(px|pt|pc|em|rem|ex|ch|%|vw|vh|mm|cm|in|q)?")
_PIXELS = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "mm": 3.78, "cm": 37.8,
           "in": 96.0, "q": 0.945, "vw": 10.0, "vh": 8.0, "%": 5.0}  # fmt: skip
_FACTORS = {"em": 1.0, "%": 0.01, "ex": 0.5, "ch": 0.5}
_SIZES = {"xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0,
          "xx-large": 32.0}  # fmt: skip
_OFFSETS = ("left", "right", "top", "bottom", "text-indent", "margin-left", "margin-top", "margin-right")
_NO_COLOUR = frozenset(("", "inherit", "currentcolor", "unset", "initial", "revert"))
_STRUCK = re.compile(r"\bline-through\b")
_SEE_THROUGH = re.compile(r"opacity\s*[(=]\s*(?:0(?:\.[01])?\d*%?|\.[01]\d*)\s*\)")
_CLIPPED = re.compile(r"rect\(\s*[01](?:px)?[\s,]|inset\(\s*(?:[5-9]\d|100)%|circle\(\s*0")
_MOVED = re.compile(r"scale[xy3d]*\(\s*0(?:\.0\d*)?\s*[,)]|translate[xy3d]*\([^()]{0,60}-\d{3,}|rotate[xy]\(\s*90deg")
_FAR_MARGIN = re.compile(r"-\d{3,}")


class Seen(IntEnum):
    """Whether something can be seen."""

    YES = 0
    DOUBTFUL = 1
    NO = 2


@dataclass(frozen=True)
class Look:
    """What declarations say.  `seen`: of the element with all that it contains; the other values are inherited.

    `shown`: whether `display` is given, and not as none; `visible`: of `visibility`; `sizes`: of the letters in pixels,
    negative for a factor of the size around it.
    """

    seen: Seen = Seen.YES
    shown: bool = False
    visible: frozenset[bool] = frozenset()
    sizes: frozenset[float] = frozenset()
    texts: frozenset[Colour] = frozenset()
    grounds: frozenset[Colour] = frozenset()
    important: bool = False


NOTHING = Look()


def together(one: Look, other: Look) -> Look:
    """Both looks, neither of which takes precedence."""
    seen = max(one.seen, other.seen)
    if seen is Seen.NO and one.seen is not other.seen and (one.shown or other.shown):
        seen = Seen.DOUBTFUL
    return Look(
        seen,
        one.shown or other.shown,
        one.visible | other.visible,
        _few_sizes(one.sizes | other.sizes),
        _few_colours(one.texts | other.texts),
        _few_colours(one.grounds | other.grounds),
        one.important or other.important,
    )


def over(attribute: Look, sheet: Look) -> Look:
    """The look of an element with a style attribute, which takes precedence over what is not important."""
    both = together(attribute, sheet)
    if sheet.important:
        return both
    return Look(
        both.seen,
        both.shown,
        attribute.visible or sheet.visible,
        attribute.sizes or sheet.sizes,
        attribute.texts or sheet.texts,
        attribute.grounds or sheet.grounds,
    )


def perhaps(look: Look) -> Look:
    """A look of which it is not certain that it applies: what it hides is doubtful, its colours are no certain ones."""
    hides = look.seen is not Seen.YES or False in look.visible or any(is_tiny(size) for size in look.sizes)
    return Look(Seen.DOUBTFUL if hides else Seen.YES, texts=look.texts, grounds=look.grounds)


def is_tiny(size: float) -> bool:
    """Whether letters of `size` (pixels, or a negative factor) are too small to be read, whatever is around them."""
    return -0.15 < size <= 2


@lru_cache(maxsize=4_096)
def look_of(declarations: str) -> Look:
    """What declarations (a style attribute, or the block of a rule) say; DOUBTFUL when they are too long to look at."""
    if len(declarations) > LONGEST_STYLE:
        return Look(Seen.DOUBTFUL)
    values: dict[str, list[str]] = {}
    important = False
    for one in unescaped(without_comments(declarations.lower())).split(";"):
        name, colon, value = one.partition(":")
        bare, mark, _ = value.partition("!")
        if colon:
            important = important or bool(mark)
            values.setdefault(name.strip(), []).append(" ".join(bare.split()))
    return _look(values, important) if values else NOTHING


def without_comments(sheet: str) -> str:
    """CSS without its comments; one that is not closed ends it."""
    before, *rest = sheet.split("/*")
    return before + "".join(one.partition("*/")[2] for one in rest)


def unescaped(text: str) -> str:
    """CSS in lower case without escapes (CSS 2.2 §4.1.3)."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else 0
    return match[2] or (chr(number).lower() if 0 < number < 0xD800 else "\ufffd")


def _look(values: Values, important: bool) -> Look:
    texts = _colours(values.get("color", ())) | _colours(values.get("-webkit-text-fill-color", ()))
    grounds = _colours(values.get("background-color", ()))
    for value in values.get("background", ()):
        grounds |= _ground(value)
    if any(one not in ("none", *_NO_COLOUR) for one in values.get("background-image", ())):
        grounds |= {UNKNOWN}
    sizes = [_size(value) for value in values.get("font-size", ())]
    sizes += [_size(part.partition("/")[0]) for value in values.get("font", ()) for part in value.split(" ")]
    return Look(
        _seen(values),
        any(one not in ("none", *_NO_COLOUR) for one in values.get("display", ())),
        frozenset(one not in ("hidden", "collapse") for one in values.get("visibility", ()) if one not in _NO_COLOUR),
        _few_sizes(frozenset(size for size in sizes if size is not None)),
        _few_colours(texts),
        _few_colours(grounds),
        important,
    )


def _seen(values: Values) -> Seen:
    """Whether the element can be seen, with all that it contains."""
    displays = values.get("display", [])
    if "none" in displays:
        return Seen.NO if displays[-1] == "none" and len(set(displays)) == 1 else Seen.DOUBTFUL
    if any(_hides(values)):
        return Seen.NO
    lies_above = values.get("position", [""])[-1] in ("absolute", "fixed") and any(
        name in values for name in ("background", "background-color", "background-image")
    )
    return Seen.DOUBTFUL if lies_above or "all" in values.get("mso-hide", []) else Seen.YES


def _hides(values: Values) -> Iterator[bool]:
    yield any(number < 0.15 for number in map(_share, values.get("opacity", ())) if number is not None)
    yield any(map(_SEE_THROUGH.search, values.get("filter", ())))
    yield "hidden" in values.get("content-visibility", ())
    yield any(
        _STRUCK.search(one) for name in ("text-decoration", "text-decoration-line") for one in values.get(name, ())
    )
    yield any(size <= -FAR for name in _OFFSETS for size in _pixels(values.get(name, ())))
    yield any(size >= 10 * FAR for size in _pixels(values.get("text-indent", ())))
    yield any(_CLIPPED.search(one) for name in ("clip", "clip-path") for one in values.get(name, ()))
    yield any(map(_MOVED.search, values.get("transform", ())))
    yield any(map(_FAR_MARGIN.search, values.get("margin", ())))
    yield _has_no_room(values)


def _has_no_room(values: Values) -> bool:
    """Whether the element has no size, and cuts off what does not fit."""
    overflow = [one for name in ("overflow", "overflow-x", "overflow-y") for one in values.get(name, ())]
    if not any(word in ("hidden", "clip") for one in overflow for word in one.split(" ")):
        return False
    names = ("height", "max-height", "width", "max-width", "line-height")
    return any(abs(size) <= 2 for name in names for size in _pixels(values.get(name, ())))


def _colours(values: list[str] | tuple[()]) -> frozenset[Colour]:
    return frozenset(colour_of(one) or UNKNOWN for one in values if one not in _NO_COLOUR)


def _ground(value: str) -> frozenset[Colour]:
    """The colour in `background`, which has other words too."""
    if "url(" in value or "gradient(" in value or "var(" in value:
        return frozenset({UNKNOWN})
    parts = re.findall(r"[a-z]+\([^()]*\)|\S+", value)
    return frozenset(colour for part in parts if (colour := colour_of(part)) is not None)


def _size(value: str) -> float | None:
    """A font size in pixels, or a factor as a negative number; None when it is none."""
    match = _LENGTH.fullmatch(value)
    if match is None:
        return _SIZES.get(value)
    number, unit = max(0.0, float(match[1])), match[2]
    if unit in _FACTORS:
        return -number * _FACTORS[unit]
    return number * _PIXELS[unit] if unit else 0.0 if number == 0 else None


def _pixels(values: list[str] | tuple[()]) -> Iterator[float]:
    for value in values:
        match = _LENGTH.fullmatch(value)
        if match is not None:
            yield float(match[1]) * _PIXELS.get(match[2], 1.0)


def _share(value: str) -> float | None:
    match = _LENGTH.fullmatch(value)
    return None if match is None else float(match[1]) * (0.01 if match[2] == "%" else 1.0)


def _few_sizes(sizes: frozenset[float]) -> frozenset[float]:
    """Of too many, what makes the text doubtful."""
    return sizes if len(sizes) <= MOST_VALUES else frozenset({0.0, 16.0})


def _few_colours(colours: frozenset[Colour]) -> frozenset[Colour]:
    return colours if len(colours) <= MOST_VALUES else frozenset({UNKNOWN})
