// Tests of Chain.
