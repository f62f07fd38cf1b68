"""Arguments that commands on learning tools share."""

from typing import Annotated

import typer

ToolName = Annotated[str, typer.Argument(metavar="TOOL", help="The tool.")]
AnyTool = Annotated[
    str | None, typer.Argument(metavar="TOOL", help="The tool; may be left out where there is exactly one.")
]
Mapped = Annotated[
    str,
    typer.Argument(metavar="COURSE", help="A mapped course, by Moodle's id, the tool's id, or a text of its name."),
]
PreviewNumber = Annotated[int, typer.Argument(metavar="PREVIEW", help="The preview's number.", min=1)]
