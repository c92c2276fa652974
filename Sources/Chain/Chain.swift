// Chain: see ARCHITECTURE.md.
