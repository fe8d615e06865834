"""Samples of checks that the controller takes itself."""
