// Tests of Federation.
