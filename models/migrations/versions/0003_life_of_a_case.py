"""life of a case: two clocks, units, followers, notices, announcements"""

from alembic import op
import sqlalchemy as sa


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

# Columns are added with a default and filled, instead of by a batch: SQLite would copy the table, and dropping the old one
# would break the foreign keys of its events.
COLUMNS = (
    sa.Column('unit_code', sa.String(length=32), nullable=True),
    sa.Column('answer_due_on', sa.Date(), nullable=False, server_default='1970-01-01'),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paused_on', sa.Date(), nullable=True),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('merged_into', sa.String(length=32), nullable=True),
    sa.Column('disclosure', sa.String(length=12), nullable=False, server_default='open'),
    sa.Column('disabled', sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column('notify', sa.String(length=10), nullable=False, server_default='call'),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False, server_default='1970-01-01 00:00:00'),
)
INDEXES = {
    'ix_case_unit_code': ['unit_code'],
    'ix_case_merged_into': ['merged_into'],
    'ix_case_changed_at': ['changed_at'],
    'ix_case_stage_due_on': ['stage', 'due_on'],
    'ix_case_stage_answer_due_on': ['stage', 'answer_due_on'],
    'ix_case_category_code_area_code_opened_at': ['category_code', 'area_code', 'opened_at'],
    'ix_case_agency_code_opened_at': ['agency_code', 'opened_at'],
}


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column('case', column)
    op.execute('UPDATE "case" SET answer_due_on = due_on, changed_at = opened_at')
    op.execute(
        'UPDATE "case" SET delivered_at = (SELECT min(at) FROM case_event '
        "WHERE case_event.case_id = \"case\".id AND case_event.kind = 'delivered')"
    )
    for name, columns in INDEXES.items():
        op.create_index(name, 'case', columns)
    undelivered = sa.text('delivered_at IS NULL')
    op.create_index(
        'ix_case_undelivered', 'case', ['opened_at'], sqlite_where=undelivered, postgresql_where=undelivered
    )

    op.create_table('follower',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('origin', sa.String(length=64), nullable=False),
    sa.Column('notify', sa.String(length=10), nullable=False),
    sa.Column('follower_sealed', sa.Text(), nullable=True),
    sa.Column('follower_lookup', sa.String(length=64), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_follower_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follower')),
    sa.UniqueConstraint('case_id', 'origin', name=op.f('uq_follower_case_id_origin'))
    )
    op.create_index('ix_follower_follower_lookup', 'follower', ['follower_lookup'])

    op.create_table('notice',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('key', sa.String(length=160), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=True),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('way', sa.String(length=10), nullable=False),
    sa.Column('to_sealed', sa.Text(), nullable=False),
    sa.Column('subject', sa.String(length=160), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('failure', sa.String(length=160), nullable=False),
    sa.Column('remote_id', sa.String(length=80), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_notice_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('key', name=op.f('uq_notice_key'))
    )
    op.create_index('ix_notice_case_id', 'notice', ['case_id'])
    op.create_index('ix_notice_state_not_before', 'notice', ['state', 'not_before'])

    op.create_table('announcement',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('category_code', sa.String(length=32), nullable=False),
    sa.Column('area_code', sa.String(length=20), nullable=True),
    sa.Column('begins_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(length=80), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cancelled_by', sa.String(length=80), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('case_id', sa.String(length=32), nullable=True),
    sa.ForeignKeyConstraint(['area_code'], ['area.code'], name=op.f('fk_announcement_area_code_area')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_announcement_case_id_case')),
    sa.ForeignKeyConstraint(['category_code'], ['category.code'], name=op.f('fk_announcement_category_code_category')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_announcement'))
    )
    op.create_index('ix_announcement_ends_at', 'announcement', ['ends_at'])

    op.drop_table('official')  # never filled: a city's people are data of cities/NAME/officials.csv


def downgrade() -> None:
    op.create_table('official',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('agency_code', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.ForeignKeyConstraint(['agency_code'], ['agency.code'], name=op.f('fk_official_agency_code_agency')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_official'))
    )
    op.create_index('ix_official_agency_code', 'official', ['agency_code'])
    for table in ('announcement', 'notice', 'follower'):
        op.drop_table(table)
    for name in (*INDEXES, 'ix_case_undelivered'):
        op.drop_index(name, 'case')
    for column in COLUMNS:
        op.drop_column('case', column.name)
