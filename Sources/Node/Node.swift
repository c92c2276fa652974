// Node: see ARCHITECTURE.md.
