"""The README's table is what the last full runs wrote."""

from tests.faults import table


def test_the_readme_shows_what_the_runs_found() -> None:
    assert table.in_readme() == table.render(table.load()), "run make faults"
