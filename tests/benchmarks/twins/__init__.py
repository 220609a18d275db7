"""Programs to compare with: the cheapest that does a job, and the obvious one."""
