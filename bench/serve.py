"""Serves an empty sandbox until terminated; its address and token are the first line of output, as JSON.

python -m bench.serve [DATABASE]
"""

import json
import sys

from matricula.sandbox import Sandbox, serve


def main() -> None:
    """Serve it."""
    sandbox = Sandbox("empty", database=sys.argv[1] if len(sys.argv) > 1 else ":memory:")

    def ready(url: str) -> None:
        print(json.dumps({"url": url, "token": sandbox.tokens["admin"]}), flush=True)

    serve(sandbox, ready=ready)


if __name__ == "__main__":
    main()
