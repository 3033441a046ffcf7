"""kelurahan of added streets and places"""

from alembic import op
import sqlalchemy as sa


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('spoken_word', schema=None) as batch_op:
        batch_op.add_column(sa.Column('areas', sa.String(length=400), server_default='', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('spoken_word', schema=None) as batch_op:
        batch_op.drop_column('areas')
