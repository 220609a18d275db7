"""The read side: plain queries that return plain rows, their statements built once."""
