"""Checks that a rollout has to pass: what is asked, how samples become a verdict."""
