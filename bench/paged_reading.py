"""Reads a OneRoster service and prints how many bytes the users take as a table.

python -m bench.paged_reading ADDRESS
"""

import sys

from matricula.sources import Surroundings, open_source


def main(address: str) -> None:
    """Read it."""
    settings = {"type": "oneroster-rest", "url": address, "version": "1.1", "auth": {"method": "bearer"}}
    source = open_source(settings, Surroundings(secret=lambda _: "a token"))
    delivery = source.deliver()
    print(delivery.drafts["users"].frame.estimated_size())


if __name__ == "__main__":
    main(*sys.argv[1:])
