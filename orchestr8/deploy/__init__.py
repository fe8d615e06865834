"""The pure deployment core: placement, difference and rollouts."""
