"""an index of the cases that wait for a person"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    some = sa.text("review IS NOT NULL")
    op.create_index("ix_case_review", "case", ["opened_at"], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    op.drop_index("ix_case_review", "case")
