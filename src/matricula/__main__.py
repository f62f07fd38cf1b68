"""`python -m matricula` is the command line."""

from matricula.cli.main import main

if __name__ == "__main__":
    main()
