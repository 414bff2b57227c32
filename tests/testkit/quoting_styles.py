"""How mail clients quote, as functions from a notice of ours to the quote below a reply."""

from collections.abc import Callable

_FROM = (
    "差出人: 申込受付デスク <desk@desk.example>\n送信日時: 2026年11月20日 10:00\n宛先: 審査 一郎\n件名: 【審査依頼】"
)


def marked(text: str, mark: str = "> ") -> str:
    return "\n".join(f"{mark}{line}" for line in text.split("\n"))


def wrapped(text: str, width: int, mark: str = "> ") -> str:
    return "\n".join(
        f"{mark}{line[i : i + width]}" for line in text.split("\n") for i in range(0, max(len(line), 1), width)
    )


# These mark every line, so that an answer below or between can be told from what is quoted.
MARKING: dict[str, Callable[[str], str]] = {
    "gmail-ja": lambda t: f"2026年11月20日(金) 10:00 申込受付デスク <desk@desk.example>:\n\n{marked(t)}",
    "gmail-ja-wrapped": lambda t: f"2026年11月20日(金) 10:00 申込受付デスク\n<desk@desk.example>:\n\n{marked(t)}",
    "gmail-en": lambda t: f"On Fri, Nov 20, 2026 at 10:00 AM Desk <desk@desk.example> wrote:\n\n{marked(t)}",
    "gmail-en-wrapped": lambda t: (
        f"On Fri, Nov 20, 2026 at 10:00 AM Application Desk\n<desk@desk.example> wrote:\n\n{marked(t)}"
    ),
    "thunderbird-ja": lambda t: f"2026/11/20 10:00、申込受付デスク さんは書きました:\n{marked(t)}",
    "apple-ja": lambda t: (
        f"iPhoneから送信\n\n2026/11/20 10:00、申込受付デスク <desk@desk.example>のメール:\n\n{marked(t)}"
    ),
    "becky": lambda t: f"On Fri, 20 Nov 2026 10:00:00 +0900\n申込受付デスク <desk@desk.example> wrote:\n\n{marked(t)}",
    "full-width-marks": lambda t: marked(t, "＞ "),
    "bars": lambda t: marked(t, "| "),
    "twice-quoted": lambda t: marked(t, "> > "),
    "wrapped-anew": lambda t: wrapped(t, 20),
    "wrapped-wide": lambda t: wrapped(t, 33),
}
# These do not: whatever stands below the header block is nobody's new word.
UNMARKED: dict[str, Callable[[str], str]] = {
    "outlook-ja": lambda t: f"________________________________\n{_FROM}\n\n{t}",
    "outlook-ja-no-rule": lambda t: f"{_FROM}\n\n{t}",
    "outlook-en": lambda t: (
        f"From: Desk <desk@desk.example>\nSent: Friday, November 20, 2026 10:00 AM\nTo: Ichiro\nSubject: x\n\n{t}"
    ),
    "original-message": lambda t: f"-----Original Message-----\nFrom: desk@desk.example\n\n{t}",
    "original-message-ja": lambda t: f"----- 元のメッセージ -----\n差出人: desk@desk.example\n{t}",
    "no-attribution-at-all": lambda t: t,
}
STYLES = {**MARKING, **UNMARKED}
