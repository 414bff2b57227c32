"""The register and the schedule as files: TOML, CSV and XLSX."""
