"""`python -m orchestr8`."""

from orchestr8.cli.main import main

if __name__ == "__main__":
    main()
