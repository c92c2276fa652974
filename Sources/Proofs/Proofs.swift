// Proofs: see ARCHITECTURE.md.
