"""The trials on a real Moodle share the corridor of the tests on the sandbox."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "applying"))
