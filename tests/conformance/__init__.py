"""Runs ansible-core's own integration targets with orchestr8 and says how much of each comes out the same."""
