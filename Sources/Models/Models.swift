// Models: see ARCHITECTURE.md.
