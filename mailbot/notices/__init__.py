"""Words: an application that has just entered a state, or a mail to be answered → what people will read."""
