"""how the line speaks to whoever calls from a number"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "caller",
        sa.Column("lookup", sa.String(length=64), nullable=False),
        sa.Column("pace", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("elderly", sa.Boolean(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("lookup", name=op.f("pk_caller")),
    )
    op.create_index(op.f("ix_caller_called_at"), "caller", ["called_at"])


def downgrade() -> None:
    op.drop_table("caller")
