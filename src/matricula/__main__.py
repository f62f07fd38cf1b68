"""The program: `matricula`, and `python -m matricula`."""

import gc
from typing import NoReturn


def main() -> NoReturn:
    """The entry point of the program."""
    # A run holds hundreds of thousands of small records that refer to nothing, and so does what is loaded at the
    # start: looking through them is wasted.
    gc.set_threshold(100_000, 20, 100)
    from matricula.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    main()
