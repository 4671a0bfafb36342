"""`python -m pec_autorenew`."""

from pec_autorenew.cli import main

if __name__ == "__main__":
    main()
