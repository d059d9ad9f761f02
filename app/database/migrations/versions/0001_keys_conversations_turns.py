"""Keys, conversations, turns, feedback and replies."""

from alembic import op

from app.database.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    metadata.create_all(op.get_bind())
