"""One module for each screen, its stylesheet beside it."""
