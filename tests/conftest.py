"""What holds for all tests: in CI the same random examples each time, so that red means a change and not a draw."""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
