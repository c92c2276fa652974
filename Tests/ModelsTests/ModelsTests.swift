// Tests of Models.
