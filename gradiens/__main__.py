"""`python -m gradiens`: the command line."""

from gradiens.cli import main

main()
