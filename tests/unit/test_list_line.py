"""What a list says of a patient, to one text and back."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from pcoord.domain import list_line
from pcoord.domain.list_line import Line

some = st.none() | st.text()
day = st.none() | st.dates()
yes = st.booleans()


@given(
    st.builds(
        *(Line, st.text(), st.text(), some, some, day, st.text(), some, yes, day),
        *(yes, yes, yes, some, some),
    )
)
def test_a_line_comes_back_as_it_went(line: Line) -> None:
    assert list_line.read(list_line.as_text(line)) == list(line)


def test_a_line_is_kept_short_and_in_the_script_it_was_written_in() -> None:
    born = date(1962, 3, 4)
    who = ("Núñez", "Ana", None, None, born, "female", "es")
    line = Line(*who, True, None, True, restricted=False, test=False, mrn="7", phone=None)
    told = list_line.as_text(line)
    assert told.startswith('["Núñez","Ana",null,null,"1962-03-04","female","es",true,null')
