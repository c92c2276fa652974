// Gossip: see ARCHITECTURE.md.
