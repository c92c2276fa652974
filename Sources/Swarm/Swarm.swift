// Swarm: see ARCHITECTURE.md.
