"""Tests of mail.html_unseen: what nobody sees on a page, or sees struck out, is nobody's word (T-35)."""

import pytest

from mailbot.mail.html import html_to_text

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
}


@pytest.mark.parametrize("case", UNSEEN)
def test_what_nobody_sees(case: str) -> None:
    assert html_to_text(f"<html><body><p>検討中です</p>{UNSEEN[case]}<p>以上</p></body></html>").text.split() == [
        "検討中です",
        "以上",
    ]


@pytest.mark.parametrize("case", SEEN)
def test_what_people_see(case: str) -> None:
    assert "承認" in html_to_text(f"<html><body><p>検討中です</p>{SEEN[case]}</body></html>").text
