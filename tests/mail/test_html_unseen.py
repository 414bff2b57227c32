"""Tests of mail.html_unseen: what nobody sees on a page, or sees struck out, is nobody's word (T-35)."""

import pytest

from mailbot.mail.html import html_to_text, unseen_beside
from mailbot.mail.message import read

UNSEEN = {
    "struck out": "<del>承認</del>",
    "struck out, as old programs do": "<s>承認</s><strike>承認</strike>",
    "struck out by a style": '<span style="text-decoration: line-through">承認</span>',
    "a template": "<template>承認</template>",
    "a choice": "<select><option>承認</option></select>",
    "a drawing": "<svg><text>承認</text></svg>",
    "hidden": "<p hidden>承認</p>",
    "no display": '<p style="DISPLAY : None !important">承認</p>',
    "not visible": '<p style="visibility:hidden">承認</p>',
    "transparent": '<p style="opacity:0.0">承認</p>',
    "without a size": '<p style="color:red;font-size:0px">承認</p>',
    "off the screen": '<div style="position:absolute;left:-9999px">承認</div>',
    "a comment in the style": '<p style="display:/* */none">承認</p>',
    "white on white": '<p style="background:#fff"><b style="color:white">承認</b></p>',
    "inherited": '<div style="background-color:white;color:#fff"><p><b>承認</b></p></div>',
    "nearly the same": '<p style="color:#fdfdfc;background:#ffffff">承認</p>',
    "black on black": '<table bgcolor="#000000"><tr><td><font color="#010101">承認</font></td></tr></table>',
    "functions": '<p style="color:rgb(250 250 250);background:hsl(0, 0%, 99%)">承認</p>',
    "behind a transparent ground": '<div style="background:navy"><p style="background:transparent;color:#000080">承認</p></div>',
    "no colour": '<p style="color:transparent">承認</p><p style="color:rgba(0,0,0,0.05)">承認</p>',
    "a class of the same colour": "<style>.x { color: white } td { background: white }</style><table><tr><td class=x>承認</table>",
    "escaped": r'<p style="disp\6c ay:n\6fne">承認</p>',
    "one pixel": '<p style="font-size:1px">承認</p>',
    "one pixel, in short": '<p style="font:1px/1px Arial">承認</p>',
    "a small part of it": '<p style="font-size:5%">承認</p>',
    "smaller and smaller": '<p style="font-size:0.3em"><b style="font-size:30%">承認</b></p>',
    "without script": "<noscript>承認</noscript>",
    "a field": "<textarea>承認</textarea><select><optgroup><option>承認</select>",
    "instead of a video": "<video>承認</video><iframe>承認</iframe><canvas>承認</canvas>",
    "closed details": "<details>承認<p>承認</p><b></b>承認</details>",
    "a closed dialog": "<dialog>承認</dialog>",
    "until found": "<p hidden=until-found>承認</p>",
    "no room": '<div style="height:0;overflow:hidden">承認</div><div style="max-height:1px; overflow: clip">承認</div>',
    "cut off": '<p style="position:absolute;clip:rect(0 0 0 0)">承認</p><p style="clip-path:inset(50%)">承認</p>',
    "moved away": '<p style="transform:translateX(-9999px)">承認</p><p style="margin:0 0 0 -5000px">承認</p>',
    "shrunk": '<p style="transform: scale(0)">承認</p>',
    "hardly there": '<p style="opacity:5%">承認</p><p style="filter:alpha(opacity=0)">承認</p>',
    "an element of a class": "<style>p.x, #y { display:none }</style><p class=x>承認</p><b id=y>承認</b>",
    "all of it": "<style>i { visibility: hidden }</style><i>承認</i>",
    "a class": "<style>p { color: red } p.x, .y { display: none }</style><p class='a X'>承認</p><b class=y>承認</b>",
}
SEEN = {
    "half transparent": '<p style="opacity:0.5">承認</p>',
    "large": '<p style="font-size:10.5pt">承認</p>',
    "a little to the left": '<p style="margin-left:-7px">承認</p>',
    "underlined": "<u>承認</u>",
    "hidden on telephones": "<style>@media (max-width:600px) { .x { display:none } }</style><p class=x>承認</p>",
    "a hidden child of the class": "<style>.x .y { display:none }</style><p class=x>承認</p>",
    "the text behind": "<del>x</del>承認",
    "in a cell without a size": '<table><tr><td style="font-size:0px"><p style="font-size:13px">承認</p></td></tr></table>',
    "in what is not visible": '<div style="visibility:hidden"><p style="visibility:visible">承認</p></div>',
    "white on blue": '<td bgcolor=navy><div style="color:white">承認</div></td>',
    "the lines of open details": "<details open><summary>x</summary>承認</details>",
    "the summary": "<details><summary>承認</summary>x</details>",
    "a link in white text": '<div style="background:white;color:white"><a href="x">承認</a></div>',
    "no height, but nothing cut": '<div style="height:0">承認</div>',
    "grey": '<p style="color:#999999">承認</p>',
    "the colours of the machine": '<p style="color:windowtext;background:window">承認</p>',
    "on paper": "<style>@media print { .x { display:none } }</style><p class=x>承認</p>",
    "a link that is pointed at": "<style>.x:hover { color:white; background:white }</style><p class=x>承認</p>",
}
DOUBTFUL = {  # it depends on the mail program and its window whether people see it
    "white on nothing": '<p style="color:#fff">承認</p>',
    "white, by an attribute": '<font color="white">承認</font>',
    "on a picture": '<td background="x.png" style="color:navy"><b>承認</b></td>',
    "on a gradient": '<p style="color:white;background:linear-gradient(white, navy)">承認</p>',
    "a colour that is not known": '<p style="color:var(--x);background:white">承認</p>',
    "hardly another colour": '<p style="color:#e4e4e4;background:white">承認</p>',
    "very small": '<p style="font-size:2.5px">承認</p>',
    "two rules that differ": "<style>.x { display:none } .y { display:block }</style><p class='x y'>承認</p>",
    "a declaration that is overridden": '<p style="display:none;display:inline">承認</p>',
    "in some place": "<style>.x .y { display:none }</style><p class=y>承認</p>",
    "in every window": "<style>@media screen { .x { display:none } }</style><p class=x>承認</p>",
    "for Outlook": '<p style="mso-hide:all">承認</p>',
    "a long style": f'<p style="{"a:b;" * 600}">承認</p>',
    "too many styles": f"<style>{'a{b:c}' * 40_000}</style><p>承認</p>",
    "covered": '<div style="position:absolute;background:white">承認</div>',
}


@pytest.mark.parametrize("case", UNSEEN)
def test_what_nobody_sees(case: str) -> None:
    assert html_to_text(f"<html><body><p>検討中です</p>{UNSEEN[case]}<p>以上</p></body></html>").text.split() == [
        "検討中です",
        "以上",
    ]


@pytest.mark.parametrize("case", SEEN)
def test_what_people_see(case: str) -> None:
    shown = html_to_text(f"<html><body><p>検討中です</p>{SEEN[case]}</body></html>")
    assert "承認" in shown.text and not any("承認" in piece for piece in shown.doubtful)


@pytest.mark.parametrize("case", DOUBTFUL)
def test_what_people_may_not_see(case: str) -> None:
    shown = html_to_text(f"<html><body>{DOUBTFUL[case]}</body></html>")
    assert "承認" in shown.text and "承認" in shown.doubtful


@pytest.mark.parametrize(
    "sign", ["<p style='color:red'>承認</p>", "<template>承認</template >", "<font color=white>承認</font>"]
)
def test_without_layout_everything_is_doubtful(sign: str) -> None:
    shown = html_to_text(sign + "<b></b>" * 60_000)
    assert "without layout" in shown.loss and "".join(shown.doubtful) == shown.text
    assert html_to_text("<p>承認</p>" + "<b></b>" * 60_000).doubtful == ()


def test_a_plain_text_beside_a_page_that_does_not_show_all_of_it() -> None:
    assert unseen_beside("<p>a</p><p hidden>b</p><p style='color:white'>c</p><p hidden>a</p>") == ("b", "c")
    assert unseen_beside("<p>a</p>") == ()
    assert unseen_beside("<p style='x:y'>a</p>" + "<b></b>" * 60_000) == ("a",)
    parts = (
        "--b\r\nContent-Type: text/plain\r\n\r\na\r\nb\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>a</p><p hidden>b</p>"
    )
    raw = f"From: a@b.jp\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n{parts}\r\n--b--\r\n"
    assert read(raw.encode()).doubtful == ("b",)
