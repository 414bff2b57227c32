"""People's text → {field: value}, and an empty or filled form back."""
