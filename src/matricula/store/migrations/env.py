"""Called by Alembic to run migrations in the transaction that `matricula.store.migrating` has begun."""

from alembic import context

from matricula.store.migrating import VERSION_TABLE
from matricula.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
