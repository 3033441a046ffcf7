"""announcements that somebody spoke"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sound_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("sound_ms", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.drop_column("sound_ms")
        batch_op.drop_column("sound_sealed")
