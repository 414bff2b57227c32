"""Applications, their steps, and what refers to them."""
