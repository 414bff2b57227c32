"""HTML whose layout would cost far more than its length: it is converted without layout, and nothing is lost (T-70)."""

import pytest

from mailbot.mail.html import LARGEST, html_to_text
from mailbot.mail.html_bounds import MOST_COPIED, MOST_NODES, Work
from mailbot.mail.message import read

WORD = "パスワード初期化"
SIZE = 400_000


def filled(piece: str) -> str:
    """`piece` repeated up to SIZE characters."""
    return piece * (SIZE // len(piece))


def rows(cell: str, wide: str) -> str:
    return f"<table><tr><td>{wide}</td></tr>" + f"<tr><td>{cell}</td></tr>" * 10_000 + "</table>"


BOMBS = {  # each makes the layout too expensive
    "wide pre in a table": rows("a", "<pre>" + "x" * 200_000 + "</pre>"),
    "wide text in a table": rows("a", "x" * 200_000),
    "wide words in a table": rows("a", "x y " * 50_000),
    "long pre in a table": "<table><td><pre>" + "a\n" * 100_000 + "b" * 10_000 + "</pre></table>",
    "two wide columns": f"<table><tr><td>{'x' * 9000}<td>{'y' * 9000}</tr>"
    + "<tr><td>a<td>b</tr>" * 5_000
    + "</table>",
    "white-space: pre": "<table><td style='white-space: pre'>" + "a\n" * 90_000 + "b" * 9_000 + "</table>",
    "inline block in a cell": rows("a", "<div style='display: inline'>x</div>" * 5_000),
    "nested tables": "<table><tr><td>" * 140 + "x" * 50_000 + "</td></tr></table>" * 140,
    "deep div": filled("<div>x"),
    "deep blockquote": "<blockquote>" * 5_000 + "x",
    "deep font": filled("<font>"),
    "deep closed": "<b><i>" * 10_000 + "x" + "</i></b>" * 10_000,
    "deep lists": filled("<ul><li>x"),
    "many elements": filled("<b>x</b>"),
    "many empty elements": filled("<i/>"),
    "many line breaks": "<br>" * 90_000,
    "many comments": filled("<!--x-->"),
    "many open tags": filled("<"),
    "many unclosed scripts": "<b>x" * 110_000 + "<script>" * 40_000,
    "unclosed comments": filled("<!--"),
    "many attributes": "<p " + "".join(f"a{n}=1 " for n in range(110_000)) + ">x",
    "one line of pieces": "<b>x" + "<i>y</i>" * 5_000 + "z" * 100_000 + "<i>y</i>" * 20_000,
    "indented lines": "<ul><li>" * 70 + "<pre>" + "a\n" * 100_000,
    "padded lines": "<div style='padding-left: 99999em'>" * 100 + "<pre>" + "a\n" * 100_000,
    "many cells": "<table><tr>" + "<td>x</td>" * 60_000 + "</tr></table>",
    "processing instructions": filled("<?x?>"),
}
CHEAP = {  # each is laid out, for the layout does not follow what is dear
    "colspan": "<table><tr><td colspan=99999999 rowspan=99999999>x</td></tr></table>",
    "huge margin": "<p style='margin-top: 99999em; margin-bottom: 99999em'>x</p>" * 100,
    "huge padding": "<p style='padding-left: 99999em'>x</p>" * 100,
    "dots in a style": "<p style='margin-top: " + "." * 1_900 + "'>x</p>" * 100,
    "long style": "<p style='" + "margin-top:1.;" * 20_000 + "'>x</p>",
    "number of a list item": "<ol><li value='" + "9" * 4_000 + "'>" + "<li>x" * 1_000,
    "long attribute": "<p title='" + "x " * 100_000 + "'>x</p>",
    "wide text alone": "x" * 300_000,
    "entities": "&amp;" * 50_000,
    "unclosed scripts": filled("<script>"),
    "unclosed styles": filled("<STYLE>"),
    "no tags": "x " * 100_000,
}


COSTLIEST = {"processing instructions", "many line breaks", "many comments"}  # a third of the time


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in COSTLIEST else name for name in BOMBS]
)
def test_a_bomb_is_converted_without_layout(name: str) -> None:
    work = Work()
    shown = html_to_text(f"<p>{WORD}</p>{BOMBS[name]}", work)
    assert WORD in shown.text
    assert "without layout" in shown.loss
    assert len(shown.text) <= LARGEST
    assert_bounded(work)


@pytest.mark.parametrize("name", CHEAP)
def test_what_only_looks_expensive_is_laid_out(name: str) -> None:
    work = Work()
    shown = html_to_text(f"<p>{WORD}</p>{CHEAP[name]}", work)
    assert shown.text.lstrip().startswith(WORD) and shown.loss == ""
    assert len(shown.text) <= 2 * len(CHEAP[name]) + 3_000
    assert_bounded(work)


def assert_bounded(work: Work) -> None:
    """Up to the one element with which the limit was exceeded."""
    assert work.nodes <= MOST_NODES + 1
    assert work.copied <= MOST_COPIED + LARGEST


@pytest.mark.parametrize(
    "page", ["&#" + "9" * 5_000 + ";", "<p>&#" + "9" * 5_000 + ";", "<!---->", "<script>x</script>"]
)
def test_damaged_pages_do_not_raise(page: str) -> None:
    html_to_text(page)


def test_what_without_layout_keeps_and_removes() -> None:
    page = (
        "<html><head><title>t</title><style>p {}</style></head><body><!-- c --><p>氏名&nbsp;&amp; 会社</p>"
        "<script>alert('<b>')</script><table><tr><td>手続</td><td>初期化</td></tr></table>1 < 2<p>終</p>"
    )
    shown = html_to_text(page + "<b></b>" * 60_000)
    assert [line for line in shown.text.split("\n") if line] == ["氏名\xa0& 会社", "手続 初期化", "1 < 2", "終"]


def test_ordinary_pages_are_laid_out() -> None:
    quoted = "<blockquote style='margin:0 0 0 .8ex;border-left:1px;padding-left:1ex'>" * 40
    layout = "<table width=600><tr><td style='padding:20px'>" * 8
    page = quoted + layout + "<p>" + "長い段落です。\n" * 50 + "</p><p>次の段落</p>" * 200
    assert html_to_text(page).loss == ""


def test_a_message_tells_how_its_html_was_read() -> None:
    raw = f"From: a@b.jp\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>{WORD}</p>{BOMBS['wide pre in a table']}"
    message = read(raw.encode())
    assert WORD in message.text and message.text_from == "html"
    assert [loss.where for loss in message.losses if "without layout" in loss.note] == ["text"]


def test_a_truncated_page_is_told() -> None:
    assert html_to_text("<p>x</p>" + "y" * LARGEST).loss == "HTML truncated"
