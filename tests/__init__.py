"""The test suite; a package so that its parts and the bed can be imported by name."""
