"""What a deployment leaves on the hosts: revisions and run records."""
