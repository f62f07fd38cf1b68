"""Serves an empty sandbox until terminated; its address and token are the first line of output, as JSON."""

import json

from matricula.sandbox import Sandbox, serve


def main() -> None:
    """Serve it."""
    sandbox = Sandbox("empty")

    def ready(url: str) -> None:
        print(json.dumps({"url": url, "token": sandbox.tokens["admin"]}), flush=True)

    serve(sandbox, ready=ready)


if __name__ == "__main__":
    main()
