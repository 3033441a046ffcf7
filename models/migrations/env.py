"""Runs migrations on the connection that `models.migrations.upgrade` gives, or on `-x url=...`."""

from alembic import context
from sqlalchemy import Connection

from models.db import connect
from models.tables import Base


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
        # UtcDateTime is a DateTime with a rule for Python only: migrations need not know it.
        render_item=lambda kind, item, _: (
            "sa.DateTime(timezone=True)" if kind == "type" and type(item).__name__ == "UtcDateTime" else False
        ),
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7315842)")  # two starts at once wait their turn
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = context.get_x_argument(as_dictionary=True).get("url")
    if not url:
        raise SystemExit("name the database: alembic -x url=sqlite:///var/suara-warga.db ...")
    with connect(url).begin() as own:
        run(own)
