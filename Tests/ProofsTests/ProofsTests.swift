// Tests of Proofs.
