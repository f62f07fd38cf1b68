"""Landing addresses: whether a path stays on the site that it is put behind the address of."""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

LONGEST: Final = 1000
_PLAIN: Final = re.compile(r"/[\x21-\x7e]*")
_WAY_OUT: Final = re.compile(rb"[\x00-\x1f\x7f\\]|//|(^|/)\.\.?(/|\Z)")


def stays_inside(path: str) -> bool:
    """Whether a path begins at the site's root and leads nowhere else.

    The plugin auth_matricula checks the same (`ticket::is_relative`): one slash at the beginning, none doubled, no
    backslash, nothing that is not printable ASCII, and no steps upwards, written plainly or with percent signs.

    Args:
        path: the path, with a query or without.
    """
    if len(path) > LONGEST or not _PLAIN.fullmatch(path) or "//" in path or "\\" in path:
        return False
    return _WAY_OUT.search(unquote_to_bytes(re.split(r"[?#]", path, maxsplit=1)[0])) is None
