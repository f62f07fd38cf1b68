"""How long what the provider gives out is good."""

from datetime import timedelta
from typing import Final

CODE_LASTS: Final = timedelta(seconds=60)
"""So long a code can be exchanged, once."""
TOKEN_LASTS: Final = timedelta(minutes=10)
"""So long an access token and an ID token are good: Moodle asks within the same second."""
REMEMBERED: Final = TOKEN_LASTS
"""So long a code is known after its end: as long as tokens that were made of it may be good yet."""
PUBLISHED: Final = timedelta(days=7)
"""So long a key that signs no more is published: whoever keeps the list of keys for days finds it."""
