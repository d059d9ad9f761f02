"""Turns that another took the place of."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; every turn there is stands."""
    # Not by copying the table, which would lose what refers to it.
    op.add_column("turns", sa.Column("replaced", sa.Double(), nullable=True))
