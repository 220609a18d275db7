"""The line that shows how far long work has come."""

import pytest

from pcoord.commands.progress import bar, picture


@pytest.mark.parametrize(
    ("done", "whole", "seconds", "line"),
    [
        (0, 400, 0, "[........................]   0 %  0 of 400 patients"),
        (200, 400, 1, "[############............]  50 %  200 of 400 patients"),
        (200, 400, 30, "[############............]  50 %  200 of 400 patients  30 s left"),
        (1, 4, 600, "[######..................]  25 %  1 of 4 patients  30 min left"),
        (400, 400, 30, "[########################] 100 %  400 of 400 patients"),
        (0, 0, 0, "[########################] 100 %  0 of 0 patients"),
    ],
)
def test_the_line(done: int, whole: int, seconds: float, line: str) -> None:
    assert picture(done, whole, "patients", seconds) == line


def test_it_fits_the_terminal_at_a_million() -> None:
    assert len(picture(999_999, 1_000_000, "patients", 6000)) < 80


def test_nothing_is_shown_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with bar("patients") as progress:
        assert progress is None
    assert capsys.readouterr().err == ""


def test_it_goes_away_at_the_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with bar("rows") as progress:
        assert progress is not None
        progress(1, 2)
        progress(2, 2)
    drawn = capsys.readouterr().err.split("\r")
    assert drawn[1].startswith("[############....")
    assert drawn[2].startswith("[########################] 100 %  2 of 2 rows")
    assert drawn[-1] == "" and set(drawn[-2]) == {" "} and len(drawn[-2]) == len(drawn[-3])
