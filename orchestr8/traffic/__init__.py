"""Load balancers: adapters of the engine's `Edge`."""
