"""The comparison, told: tables, charts, notes."""
