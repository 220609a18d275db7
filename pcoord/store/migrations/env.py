"""Alembic's entry: runs on the connection that pcoord opened, inside its transaction."""

from alembic import context

from pcoord.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
