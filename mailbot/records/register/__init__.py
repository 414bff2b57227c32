"""Register files: TOML as people write it, CSV and XLSX as spreadsheets do → model.register.Register, and back."""
