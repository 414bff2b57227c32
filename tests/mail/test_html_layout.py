"""A page laid out word by word has the text that inscriptis makes character by character."""

import random

import pytest
from inscriptis.model.canvas.block import Block
from inscriptis.model.canvas.prefix import Prefix

from mailbot.mail.html_layout import WordBlock

PIECES = (
    "",
    " ",
    "\n\t ",
    "承認",
    " 承認",
    "承認 ",
    " 承認\n確認 ",
    "\u3000承認\u3000",
    "a\u00a0b",
    "&amp;amp; ",
    "\x1c",
    "\u200b ",
    " . ",
)


@pytest.mark.parametrize("bullet", ["", "* "])
def test_it_is_the_text_of_inscriptis(bullet: str) -> None:
    choice = random.Random(4)
    for _ in range(300):
        texts = choice.choices(PIECES, k=choice.randint(1, 6))
        shown = []
        for kind in (Block, WordBlock):
            prefix = Prefix()
            prefix.register_prefix(2, bullet)
            block = kind(0, prefix)
            for text in texts:
                block.merge_normal_text(text)
            block.merge_pre_text("x\ny")
            shown.append((block.content, block.idx, block.collapsable_whitespace, block.new_block().idx))
        assert shown[0] == shown[1], texts
