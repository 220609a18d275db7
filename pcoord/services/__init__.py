"""Use cases: one function for each thing the desk does, the same for screens and command line."""
