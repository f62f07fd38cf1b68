"""Which process applies a preview of a tool, so that another goes on at once where that one is gone.

Revision: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("tool_preview", sa.Column("host", sa.Text()))
    op.add_column("tool_preview", sa.Column("process_space", sa.Text()))
    op.add_column("tool_preview", sa.Column("pid", sa.Integer()))
