"""A learning tool to try everything on: it speaks the `/v2` API of kuraCloud and keeps what it is told in memory."""

from matricula.sandbox.tools.faults import ToolFaults
from matricula.sandbox.tools.server import RunningTool, ToolSandbox, running_tool
from matricula.sandbox.tools.state import ToolState

__all__ = ["RunningTool", "ToolFaults", "ToolSandbox", "ToolState", "running_tool"]
