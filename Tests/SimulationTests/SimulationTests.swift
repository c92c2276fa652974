// Tests of Simulation.
