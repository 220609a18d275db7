"""Rows become patients, or are left out with a reason a person understands."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcoord.domain.errors import DeskError
from pcoord.exchange import csv_words
from pcoord.exchange.csv_map import MapFile, guess, settle_order
from pcoord.exchange.csv_names import split_name
from pcoord.exchange.csv_reader import open_table
from pcoord.exchange.csv_rows import PatientRow, Skipped, Taken, rows_to_patients

TODAY = date(2026, 11, 24)


def read(text: str | bytes, said: MapFile | None = None) -> list[Taken | Skipped]:
    """Return what a table's rows become."""
    table = open_table(text if isinstance(text, bytes) else text.encode())
    mapping = guess(table.headers, said=said)
    return list(rows_to_patients(table, mapping, settle_order(table, mapping), today=TODAY))


def taken(text: str | bytes, said: MapFile | None = None) -> Taken:
    """Return the one row of a table, which must be taken."""
    (found,) = read(text, said)
    assert isinstance(found, Taken), found
    return found


def skipped(text: str | bytes, said: MapFile | None = None) -> str:
    """Return why the one row of a table is left out."""
    (found,) = read(text, said)
    assert isinstance(found, Skipped), found
    return found.why


def field(header: str, cell: str, name: str) -> object:
    """Return a field of a patient whose table has that one column more."""
    return getattr(taken(f'Last,First,{header}\nLee,Ann,"{cell}"\n').row, name)


def test_a_row_of_a_synthetic_export() -> None:
    found = taken(
        "Id,BIRTHDATE,DEATHDATE,SSN,FIRST,LAST,MAIDEN,GENDER,ADDRESS,CITY,STATE,ZIP\n"
        "b9c610cd,2019-02-17,,999-65-3251,Damon455,Langosh790,,M,"
        "620 Lynch Tunnel,Springfield,MA,01199\n"
    )
    assert found == Taken(
        2,
        PatientRow(
            family="Langosh790",
            given="Damon455",
            birth_date=date(2019, 2, 17),
            sex="male",
            line="620 Lynch Tunnel",
            city="Springfield",
            state="MA",
            postal_code="01199",
            source_id="b9c610cd",
        ),
    )
    assert "999-65-3251" not in repr(found)


def test_names_in_capitals_are_tidied_and_hostile_signs_go() -> None:
    row = taken("Last,First\nO'BRIEN,MARY\u202e ANN\x1b\n").row
    assert (row.family, row.given) == ("O'Brien", "Mary Ann")


@pytest.mark.parametrize(
    ("text", "order", "wanted"),
    [
        ("Lee, Ann", None, ("Lee", "Ann", None, None)),
        ("LEE, ANN M", None, ("LEE", "ANN", "M", None)),
        ("de la Cruz, Ana María", None, ("de la Cruz", "Ana", "María", None)),
        ("King, Martin, Jr.", None, ("King", "Martin", None, "Jr.")),
        ("King Jr, Martin", None, ("King", "Martin", None, "Jr")),
        ("Ann Lee", "given-first", ("Lee", "Ann", None, None)),
        ("Ana María de la Cruz", "given-first", ("de la Cruz", "Ana", "María", None)),
        ("John Q Public III", "given-first", ("Public", "John", "Q", "III")),
        ("Nguyen Thi Lan", "family-first", ("Nguyen", "Thi", "Lan", None)),
        ("Teller", None, ("Teller", "", None, None)),
    ],
)
def test_whole_names(text: str, order: str | None, wanted: tuple[str | None, ...]) -> None:
    assert split_name(text, order) == wanted


def test_an_unclear_whole_name_says_what_to_write() -> None:
    assert 'name_order = "given-first"' in skipped("Name,DOB\nAnn Lee,1962-04-03\n")
    said = MapFile(name_order="given-first")
    assert taken("Name,DOB\nAnn Lee,1962-04-03\n", said).row.family == "Lee"


def test_a_single_name_is_taken_and_told() -> None:
    found = taken("Last,First,DOB\n,Suharto,1962-04-03\n")
    assert (found.row.family, found.row.given) == ("Suharto", "")
    assert "one name only" in found.told[0]


@pytest.mark.parametrize("nothing", ["-", "--", "?", "...", "*", "N/A", "\U0001f469", "\u00b7"])
def test_what_says_no_name_is_none(nothing: str) -> None:
    whole = "First,Last,DOB\n{},{},1962-04-03\n"
    row = taken(whole.format(nothing, "Walsh")).row
    assert (row.family, row.given) == ("Walsh", "")
    assert taken(whole.format("Suharto", nothing)).row.family == "Suharto"
    assert "There is no name" in skipped(whole.format(nothing, nothing))
    named = 'Name,DOB\n"{}, {}",1962-04-03\n'
    assert taken(named.format("Walsh", nothing)).row.given == ""
    assert taken(named.format(nothing, "Suharto")).row.family == "Suharto"
    assert "There is no name" in skipped(named.format(nothing, nothing))


def test_somebody_may_be_called_null() -> None:
    assert field("City", "x", "family") == "Lee"
    assert taken("Last,First\nNull,Ann\n").row.family == "Null"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Last,DOB,Died\nLee,1962-04-03,1961-01-01\n", "The date of death is before"),
        ("Last,DOB,Died\nLee,1962-04-03,2027-01-01\n", "date of death 2027-01-01 is in the future"),
        ("Last,DOB\nLee,2026-11-25\n", "The birth date 2026-11-25 is in the future."),
        ("Last,DOB\nLee,1066-10-14\n", "too long ago"),
        ("Last,DOB\nLee,soon\n", 'The birth date cannot be read: "soon" is not a date.'),
        ("Last,DOB\n,1962-04-03\n", "There is no name."),
        ("Last,First\nLee,Ann,x,y\n", "The row has 2 cells more than there are headings."),
        ("MRN,Last\n1.23E+12,Lee\n", "cut short by a spreadsheet"),
    ],
)
def test_rows_left_out_say_why(text: str, why: str) -> None:
    assert why in skipped(text)


def test_one_bad_row_does_not_stop_the_others() -> None:
    found = read("Last,DOB\nLee,1962-04-03\nKim,never\n\nDiaz,1970-01-02\n")
    assert [(type(one), one.line) for one in found] == [(Taken, 2), (Skipped, 3), (Taken, 5)]
    assert isinstance(found[1], Skipped) and found[1].cells == ("Kim", "never")


def test_a_letter_that_could_not_be_read_is_told() -> None:
    found = read(b"Last,First\n" + "Peña,Zoë\n".encode() * 50 + b"Pe\xc3,Zoe\n")
    assert isinstance(found[-1], Taken) and "could not be read" in found[-1].told[0]
    assert isinstance(found[0], Taken) and not found[0].told


def test_what_is_never_stored_is_not_shown_either() -> None:
    found = read("Last,SSN,DOB\nLee,999-65-3251,never\nKim,999-65-3252,1,2\n")
    assert [one.cells for one in found if isinstance(one, Skipped)] == [("Lee", "", "never"), ()]


@pytest.mark.parametrize(
    ("cell", "sex"),
    [
        *[
            ("M", "male"),
            ("female", "female"),
            ("Mujer", "female"),
            ("X", "other"),
            ("", "unknown"),
        ],
        *[("U", "unknown"), ("Non-binary", "other"), ("weiblich", "female"), ("ASKU", "unknown")],
    ],
)
def test_words_for_sex(cell: str, sex: str) -> None:
    assert field("Gender", cell, "sex") == sex


def test_an_unknown_word_for_sex_says_how_to_explain_it() -> None:
    text = "Last,Gender\nLee,1\n"
    found = taken(text)
    assert found.row.sex == "unknown"
    assert "[values.sex]" in found.told[0]
    assert taken(text, MapFile(values={"sex": {"1": "male"}})).row.sex == "male"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        *[("1199", "01199"), ("601", "00601"), ("01199", "01199"), ("1199-1234", "01199-1234")],
        *[("011991234", "01199-1234"), ("11991234", "01199-1234"), ("1199.0", "01199")],
        *[("90210", "90210"), ("K1A 0B1", "K1A 0B1"), ('=""01199""', "01199"), ("12", "12")],
    ],
)
def test_postal_codes_get_their_zero_back(cell: str, code: str) -> None:
    assert field("Zip", cell, "postal_code") == code


def test_postal_codes_of_other_countries_stay() -> None:
    assert taken("Last,Zip,Country\nLee,1199,Mexico\n").row.postal_code == "1199"
    assert csv_words.postal_code("1010", "AT") == "1010"


def test_phones_keep_their_use_and_are_not_repeated() -> None:
    found = taken(
        "Last,Home Phone,Cell,Phone,Work Phone\n"
        'Lee,(201) 555-0142,"201.555.0143; 201-555-0142",2015550142.0,2.015E+09\n'
    )
    assert found.row.phones == (("mobile", "201.555.0143"), ("mobile", "201-555-0142"))
    assert "2.015E+09" in found.told[0]


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("201-555-0142 x12", "201-555-0142 x12"),
        ("'+1 201 555 0142", "+1 201 555 0142"),
        ("none", None),
        ("000-000-0000", None),
        ("911", None),
    ],
)
def test_phones(cell: str, phone: str | None) -> None:
    assert field("Phone", cell, "phones") == ((("", phone),) if phone else ())


@pytest.mark.parametrize(
    ("cell", "phones"),
    [
        ("201-555-0142\n201-555-0143", ["201-555-0142", "201-555-0143"]),
        ("(201) 555-0142, (201) 555-0143", ["(201) 555-0142", "(201) 555-0143"]),
        ("2015550142 & 2015550143", ["2015550142", "2015550143"]),
        ("201 555 0142 201 555 0143", ["201 555 0142", "201 555 0143"]),
        ("0044 207 946 0018", ["0044 207 946 0018"]),
        ("201-555-0142, ext 5", ["201-555-0142, ext 5"]),
    ],
)
def test_several_phones_in_a_cell(cell: str, phones: list[str]) -> None:
    found = taken(f'Last,Phone\nLee,"{cell}"\n')
    assert [number for _, number in found.row.phones] == phones


@pytest.mark.parametrize(
    ("cell", "language"),
    [
        ("Spanish", "es"),
        ("es-MX", "es"),
        ("SPA", "es"),
        ("Español", "es"),
        ("Klingon", None),
        ("vi", "vi"),
    ],
)
def test_languages(cell: str, language: str | None) -> None:
    assert field("Language", cell, "language") == language


def test_other_fields() -> None:
    assert field("Email", "ann@example.com", "email") == "ann@example.com"
    assert field("Email", "ann@", "email") is None
    assert field("Interpreter", "Yes", "interpreter") is True
    assert field("Interpreter", "", "interpreter") is None
    assert field("MRN", "0012.0", "mrn") == "0012"
    assert field("MRN", "00-12A", "mrn") == "00-12A"
    assert field("State", "nj", "state") == "NJ"
    assert field("City", "'=SUM(A1)", "city") != ""
    assert field("Notes", "NULL", "note") is None
    assert field("Suffix", "Jr", "suffix") == "Jr"


def test_missing_cells_at_the_end_are_told() -> None:
    found = taken("Last,First,City\nLee,Ann\n")
    assert found.told == ("1 cell was missing at the end and taken as empty.",)


@given(
    st.lists(
        st.lists(st.text(alphabet='aB1é/-.,;"\n \0\u202e@', max_size=14), min_size=1, max_size=7),
        max_size=6,
    )
)
def test_no_rows_crash_it(rows: list[list[str]]) -> None:
    head = "MRN,Name,DOB,Sex,Phone,Zip,Email\n"
    lines = ["\t".join(cell.replace("\t", " ") for cell in row) for row in rows]
    try:
        found = read(head.replace(",", "\t") + "\n".join(lines), MapFile(date_order="mdy"))
    except DeskError:
        return
    for one in found:
        assert one.line > 1
        assert one.row.family or one.row.given if isinstance(one, Taken) else one.why.strip()


@pytest.mark.parametrize(
    ("state", "code", "kept"),
    [("nsw", "4223", "4223"), ("MA", "2115", "02115"), ("31", "8608", "08608"), ("IL", "0", None)],
)
def test_only_codes_of_the_united_states_get_their_zero_back(
    state: str, code: str, kept: str | None
) -> None:
    row = taken(f"Last,First,State,Zip\nLee,Ann,{state},{code}\n").row
    assert row.postal_code == kept


def test_names_in_small_letters_are_written_as_usual() -> None:
    row = taken("surname,given_name,suburb\nvan der berg,anna-marie,winston hills\n").row
    assert (row.family, row.given, row.city) == ("Van der Berg", "Anna-Marie", "Winston Hills")


def test_a_name_in_brackets_is_what_somebody_is_called() -> None:
    row = taken('Name\n"Lee, Ann (ANNIE) May"\n,\n').row
    assert (row.given, row.middle, row.preferred) == ("Ann", "May", "Annie")


def test_suffixes_are_written_as_usual() -> None:
    assert taken('Name,MRN\n"SMITH JR,JOHN",1\n').row.suffix == "Jr"
    assert taken("Last,First,Suffix\nSMITH,JOHN,iii\n").row.suffix == "III"


def test_a_house_number_in_its_own_column_stands_before_the_street() -> None:
    row = taken("Last,Street Number,Address_1,Address_2\nLee,8,stanley street,miami\n").row
    assert row.line == "8 stanley street, miami"


@pytest.mark.parametrize("cell", ["0001-01-01", "1/1/0001 12:00:00 AM", "1753-01-01 00:00:00"])
def test_the_first_day_of_a_database_is_no_birth_date(cell: str) -> None:
    assert field("DOB", cell, "birth_date") is None


def test_deceased_without_a_date_makes_the_record_inactive() -> None:
    found = taken("Last,First,Deceased\nLee,Ann,Y\n")
    assert found.row.active is False and "inactive" in found.told[0]
    assert taken("Last,First,Deceased\nLee,Ann,N\n").row.active is None


@pytest.mark.parametrize(
    ("cell", "active"),
    [("Deceased", False), ("Inactive", False), ("NonPatient", False), ("Patient", None)],
)
def test_a_status_says_who_is_no_patient_any_more(cell: str, active: bool | None) -> None:
    found = taken(f"Last,First,PatStatus\nLee,Ann,{cell}\n")
    assert found.row.active is active
    assert bool(found.told) is (active is False)


def test_an_export_of_a_practice_in_spain() -> None:
    found = taken(
        "Nº Historia;Primer Apellido;Segundo Apellido;Nombre;Fecha de nacimiento;Sexo;Móvil;"
        "Población;Código Postal\n"
        "H-1;Peña;Ibáñez;Begoña;25/12/1975;Mujer;612 34 56 78;Madrid;28013\n"
    ).row
    assert (found.mrn, found.family, found.given) == ("H-1", "Peña Ibáñez", "Begoña")
    assert (found.sex, found.city, found.postal_code) == ("female", "Madrid", "28013")
    alone = taken("Apellido 1,Apellido 2,Nombre\nMuñoz,,Iñaki\n").row
    assert (alone.family, alone.given) == ("Muñoz", "Iñaki")


def test_an_area_code_in_its_own_column_stands_before_short_numbers() -> None:
    found = taken("Last,First,Area Code,Phone,Cell\nLee,Ann,(973),555-0141,201-555-0143\n")
    assert found.row.phones == (("mobile", "201-555-0143"), ("", "973-555-0141"))


@pytest.mark.parametrize("header", ["Legal Sex", "Sex Assigned at Birth"])
def test_other_headings_for_sex(header: str) -> None:
    assert field(header, "F", "sex") == "female"


@pytest.mark.parametrize("header", ["Previous_Last_Name", "Former Surname", "Maiden"])
def test_other_headings_for_a_former_name(header: str) -> None:
    assert field(header, "Prado", "maiden") == "Prado"


@pytest.mark.parametrize("cell", ["1899-12-30", "12/31/1899", "1/1/1900", "1900-01-01 00:00:00"])
def test_the_first_day_of_a_spreadsheet_is_no_birth_date(cell: str) -> None:
    found = taken(f"Last,First,DOB\nLee,Ann,{cell}\n")
    assert found.row.birth_date is None and "spreadsheets make of none" in found.told[-1]
    assert taken("Last,First,DOB\nLee,Ann,1900-01-02\n").row.birth_date == date(1900, 1, 2)


def test_a_suffix_that_says_nothing_is_none() -> None:
    assert taken("Last,First,Suffix\nLee,Ann,-\n").row.suffix is None
    assert taken("Last,First,Suffix\nLee,Ann,JR\n").row.suffix == "Jr"
