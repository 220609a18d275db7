"""Numbered changes of the tables, run by Alembic when a database is older than the program."""
