// Federation: see ARCHITECTURE.md.
