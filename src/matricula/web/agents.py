"""Browsers in short words, as `Firefox on Windows`."""

from typing import Final

_BROWSERS: Final = (
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("firefox", "Firefox"),
    ("fxios", "Firefox"),
    ("crios", "Chrome"),
    ("chrom", "Chrome"),
    ("safari", "Safari"),
)
_SYSTEMS: Final = (
    ("iphone", "an iPhone"),
    ("ipad", "an iPad"),
    ("android", "Android"),
    ("cros", "a Chromebook"),
    ("windows", "Windows"),
    ("mac os", "a Mac"),
    ("linux", "Linux"),
)


def agent_in_words(agent: str) -> str:
    """What a browser calls itself, in short."""
    text = agent.casefold()
    browser = next((name for part, name in _BROWSERS if part in text), "")
    system = next((name for part, name in _SYSTEMS if part in text), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or (f"A browser on {system}" if system else "Another program")
