"""Reusable pieces that draw domain values and know no service."""
