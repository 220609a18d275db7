"""Whatever somebody is called: any beginning of any of their words finds them."""

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pcoord.domain import clues
from pcoord.services import lookup
from pcoord.services.desk import Desk
from pcoord.store.ids import new_id
from pcoord.store.lookup_index import stored
from pcoord.store.tables import ContactPoint, Identifier, Patient
from pcoord.store.unit import Unit

names = st.text(
    st.characters(categories=("L", "Mn"), include_characters=" -'’."), min_size=1, max_size=16
)
digits = st.text("0123456789", min_size=7, max_size=10)
KINDS = {"f", "g", "F", "G", "p", "i"}


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(names, names, digits, digits, st.data())
def test_any_beginning_of_any_word_finds_the_patient(
    desk: Desk, family: str, given: str, phone: str, number: str, data: st.DataObject
) -> None:
    key = new_id()

    def body(unit: Unit) -> None:
        born = date(1962, 3, 4)
        values = {"family": family, "given": given, "birth_date": born, "created_at": unit.now}
        unit.insert(Patient, id=key, **values)
        unit.insert(Identifier, patient_id=key, system=key, value=number)
        unit.insert(ContactPoint, patient_id=key, value=phone, digits="1201" + phone[:7])
        unit.say("Filled.")

    desk.store.write(desk.who, "test", body)
    text = desk.read(stored, [key])[key].text
    words = sorted(clue for clue in text.split() if clue[0] in KINDS)
    clue = data.draw(st.sampled_from(words or ["f"]))
    length = data.draw(st.integers(1 if clue[0] not in "pi" else 3, max(3, len(clue) - 1)))
    typed = clue[1:][:length]
    if lookup.read_query(desk, typed).typed:
        found = lookup.find(desk, typed, limit=10_000)
        assert key in [hit.id for hit in found if hit.exact], (typed, text)


@given(names, names, names)
def test_rows_follow_from_the_line_of_clues_alone(one: str, two: str, three: str) -> None:
    found = clues.of_name(one, two, middle=three) | clues.of_birth(1962, 3, 4)
    text = clues.as_text(found)
    assert set(text.split()) == found
    rows = clues.rows(text)
    assert {token for kind, token, _, _ in rows if kind == "n"} == clues.words_of(text)
    assert all(born == 19620304 for _, _, _, born in rows)
    assert {(b, a) for kind, a, b, _ in rows if kind == "b"} == {
        (a, b) for kind, a, b, _ in rows if kind == "b"
    }
