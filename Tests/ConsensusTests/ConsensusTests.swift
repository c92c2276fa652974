// Tests of Consensus.
