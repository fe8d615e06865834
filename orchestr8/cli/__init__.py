"""The command line: argv to request to exit code, one file a verb."""
