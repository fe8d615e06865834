"""Long proofs on the fleet that are no part of the suite: users who call while services change."""
