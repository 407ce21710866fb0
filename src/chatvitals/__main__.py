"""`python -m chatvitals`."""

from chatvitals.cli import main

main()
