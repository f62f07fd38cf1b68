"""Learning tools: rosters to them, grades back. One adapter for each kind, all with the same small protocol.

A new kind is a class that takes `ToolSettings` and `ToolSurroundings`, and a line here.
"""

from typing import Final

from matricula.adapters import Adapters
from matricula.tools.protocol import Tool, ToolSettings, ToolSurroundings

__all__ = ["TOOLS", "Tool", "ToolSettings", "ToolSurroundings", "open_tool"]

TOOLS: Final = Adapters(
    "tool", "matricula.tools", {"kuracloud": "kuracloud.KuraCloud", "oneroster": "oneroster.OneRosterTool"}
)
"""The classes of adapters, by the word that stands as `type` in a tool's document."""


def open_tool(settings: ToolSettings, surroundings: ToolSurroundings) -> Tool:
    """Make a tool's adapter; nothing is asked of the tool yet.

    Args:
        settings: how it is reached.
        surroundings: where its token comes from.

    Raises:
        SettingError: there is no such kind of tool.
    """
    tool: Tool = TOOLS.of(settings.type, f"tool {settings.name}")(settings, surroundings)
    return tool
