// Tests of Swarm.
