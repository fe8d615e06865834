"""Task actions that run on the controller."""
