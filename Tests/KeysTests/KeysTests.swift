// Tests of Keys.
