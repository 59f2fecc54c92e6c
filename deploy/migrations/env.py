"""What does Alembic do with the connection that deploy/migrate.py hands it?"""

from __future__ import annotations

from alembic import context

from deploy.tables import load_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=load_tables(),
    # A step that fails leaves the steps before it in place, and itself not half done.
    transaction_per_migration=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
