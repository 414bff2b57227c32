"""From what a notice says, as a value, to the text, HTML and PDF that its reader gets; and the web pages."""
