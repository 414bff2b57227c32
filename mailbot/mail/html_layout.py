"""The layout of a parsed page as text: inscriptis, with a block of text that is filled word by word.

The block of inscriptis looks at each character, which costs a third of the layout of a long page.
"""

from html import unescape

from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_properties import Display
from inscriptis.model.attribute import DEFAULT_ATTRIBUTE_MAP
from inscriptis.model.canvas import Canvas
from inscriptis.model.canvas.block import Block
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_document_state import HtmlDocumentState
from inscriptis.model.html_element import HtmlElement as Style
from lxml.html import HtmlElement

from mailbot.mail.html_bounds import apply_style

# Elements that begin a line in browsers, and not in inscriptis.
_MORE_BLOCKS = ("center", "dd", "details", "dl", "dt", "fieldset", "form", "legend", "section", "summary")
_STYLES = CSS_PROFILES["relaxed"] | {name: Style(tag=name, display=Display.block) for name in _MORE_BLOCKS}


def laid_out(tree: HtmlElement) -> str:
    """The text of a page.  Raises what inscriptis raises for pages that it cannot convert."""
    config = ParserConfig(css=_STYLES, display_links=False, display_images=False)
    config.attribute_handler.attribute_mapping = {**DEFAULT_ATTRIBUTE_MAP, "style": apply_style}
    return str(_Layout(tree, config).get_text())


class WordBlock(Block):  # type: ignore[misc]  # its package has no types
    """A block of text with the same content as that of inscriptis."""

    collapsable_whitespace: bool  # whether the content ends in a blank, or is empty

    def merge_normal_text(self, text: str) -> None:
        """Append `text`; white space becomes one blank, and none where the text before it ends in one."""
        words = text.split()
        flat = " ".join(words)
        if words:
            flat = f" {flat}" if text[0].isspace() and not self.collapsable_whitespace else flat
            self.collapsable_whitespace = text[-1].isspace()
            flat = f"{flat} " if self.collapsable_whitespace else flat
        elif text and not self.collapsable_whitespace:
            flat, self.collapsable_whitespace = " ", True
        if flat:
            flat = unescape(flat if self._content else self.prefix.first + flat)
            self._content += flat
            self.idx += len(flat)

    def new_block(self) -> "WordBlock":
        """The block below this one."""
        self.prefix.consumed = False
        return WordBlock(idx=self.idx + 1, prefix=self.prefix)


class _Layout(Inscriptis):  # type: ignore[misc]  # its package has no types
    def _parse_html_tree(self, state: HtmlDocumentState, tree: HtmlElement) -> Canvas:
        block = state.canvas.current_block
        if type(block) is Block:  # the first one; each makes the next
            state.canvas.current_block = WordBlock(block.idx, block.prefix)
        return super()._parse_html_tree(state, tree)
