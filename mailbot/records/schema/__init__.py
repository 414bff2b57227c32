"""All tables and what their columns are made of."""
