"""What callers say and desks type or paste, kind by kind: who must then stand on top, and why."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from random import Random

import pytest

from pcoord.clock import FixedClock
from pcoord.services import lookup, newcomers, patient_search, patients, views
from pcoord.services.desk import Desk
from pcoord.store.tables import Identifier
from pcoord.store.unit import Unit
from tests.clinic import NOW, Clinic
from tests.databases import Factory
from tests.neighbours import fill_with, who

PEOPLE = (
    *(who("300", "Kahananui", "Kealiʻi", "1975-04-12", line="12 Mauka Rd Apt 5B", city="Hilo"),),
    *(who("301", "Kaʻahumanu", "Leilani", "1990-07-01", line="PO Box 77", city="Hilo"),),
    *(who("302", "Kapule-Kaʻai", "Nohea", "2002-02-02", phone="+44 7700 900123"),),
    *(who("303", "Rivera Jr.", "Henry", "1988-03-04", line="500 Elm St, Unit 12", city="Dayton"),),
    *(who("304", "Rivera III", "Henry", "2015-09-09", line="500 Elm St #B5", city="Dayton"),),
    *(who("305", "Rivera Sr.", "Henry", "1960-05-05", phone="+84 28 3823 5555"),),
    *(who("306", "Nguyễn", "Văn An", "1970-01-02", phone="+91 98765 43210"),),
    *(who("307", "Lin", "Mei-Ling", "1995-06-07", phone="+55 11 91234-5678"),),
    *(who("308", "van 't Hoff", "Jan", "1977-12-11"),),
    *(who("309", "Walsh", "Theodore", "1951-07-08", line="77 Box Elder Lane", city="Akron"),),
    *(who("310", "Theodore", "Walsh", "1951-07-08"),),
    *(who("311", "Sato", "Emi", "1991-03-13", phone="914-555-0118", postal_code="96720"),),
    *(who("312", "Sato", "Ken", "1944-03-13", phone="484-555-0101"),),
    *(who("313", "Sato", "Noa", "2026-09-26"),),
    *(who("314", "Obrien", "Mary", "1987-08-03", email="mary.obrien16@example.org"),),
    *(who("315", "Adams", "Joan", "1960-02-02", member="W123456", payer="Mesa Ridge PPO"),),
    *(who("316", "Adams", "Jill", "1961-02-02", member="1EG4-TE5-MK72", payer="Medicare"),),
    *(who("317", "Petrov", "Ana", "1972-02-29", line="484 Willow St", city="Mapleton Falls"),),
    *(who("318", "Petrov", "Ida", "1999-01-01", phone="4845550177", line="9 Willow St"),),
    *(who("319", "Zztest", "Test001", "2000-01-01"),),
    *(who("320", "Pérez de la Cruz", "Ana", "1983-03-11"),),
    *(who("321", "Saint-Pierre", "Luc", "1986-11-15"),),
    *(who("322", "García Márquez", "José", "1950-06-21"),),
)


def fill_callers(url: str) -> None:
    """Make the small clinic, and these people in it."""
    fill_with(url, PEOPLE)


@pytest.fixture
def desk(migrated_template: Callable[[Factory], str]) -> Iterator[Desk]:
    made = Clinic(migrated_template(fill_callers), FixedClock(NOW))
    yield made.desk("ana")
    made.leave()


EXACT: dict[str, dict[str, list[str]]] = {
    "who asks for the first name first, or the last": {
        "300": ["kealii", "keali'i kahananui", "kahananui k", "KAHANANUI, KEALI’I", "keali`i"],
        "301": ["kaahumanu", "ka'ahumanu leilani", "kaʻahumanu", "leilani ka"],
        "302": ["kaai kapule", "kapule kaai nohea", "kapule-kaai", "kapulekaai"],
        "306": ["nguyen van an", "van an nguyen", "an nguyen van", "nguyen, an", "NGUYỄN VĂN AN"],
        "307": ["lin meiling", "mei ling lin", "lin, mei-ling", "meiling"],
        "308": ["hoff jan", "t hoff", "van 't hoff", "van t hoff", "jan van t hoff", "vanthoff"],
    },
    "father, son and grandson": {
        "303": ["henry rivera jr", "rivera, henry, jr.", "henry rivera junior", "rivera h 1988"],
        "304": ["henry rivera iii", "henry rivera 3rd", "henry rivera the third", "rivera 11y"],
        "305": ["henry rivera sr", "henry rivera senior", "rivera henry 1960", "henry r 66 y/o"],
    },
    "titles": {
        "311": ["mrs sato emi", "Ms. Sato, Emi", "Sra. Emi Sato", "the sato emi", "Miss E Sato 91"],
        "321": ["Rev. Luc Saint-Pierre", "doctor saint-pierre 11/15/86 m", "judge st pierre"],
    },
    "whose relation calls": {
        "311": ["mother of emi sato", "emi sato's mother", "emi sato mom", "Emi Sato’s Dad"],
        "321": ["wife of luc saint-pierre", "st pierre's luc"],
        "314": ["obrien mary household", "mary aka obrien", "mary née O'Brien"],
    },
    "what other screens write before a field": {
        "311": [
            *("Patient: Sato, Emi DOB: 03/13/1991 MRN: 311", "Name: Emi Sato", "Surname: Sato E"),
            *("Last name: Sato First name: Emi Sex: F", "last name sato first name emi"),
            *("Sato Emi (F) 03/13/1991", "SATO EMI F 13MAR1991", "311 SATO EMI 1991-03-13 F"),
            *("sato.emi", "e.sato 1991"),
            *("Patient Name: SATO, EMI Age: 35 Phone: (914) 555-0118", "Sato, Emi E-mail:"),
        ],
    },
    "names of several words in one": {
        "320": ["delacruz perez", "perez delacruz", "perez de la cruz", "de la cruz ana perez"],
        "321": ["stpierre", "st. pierre luc", "saint pierre", "saintpierre"],
        "322": ["garcia y marquez", "marquez garcia jose", "garciamarquez"],
    },
    "characters that show nothing, and those of other keyboards": {
        "311": [
            *("sa\u200bto emi", "\ufeffsato emi", "sato\u200bemi", "sa\u00adto emi", "sato\x00emi"),
            *("sato\temi", "sato\nemi", "sato\r\nemi", "sato\u00a0emi", "sato\u3000emi"),
            *("“sato emi”", '"sato, emi"', "<sato> [emi]", "sato|emi", "sato/emi", "sato; emi"),
            *("914–555–0118", "９１４５５５０１１８", "sato ١٩٩١", "\u202esato emi"),
        ],
    },
    "phones as they are written here and elsewhere": {
        "311": [
            *("914-555-0118", "(914)555-0118", "914.555.0118", "+19145550118", "914/555-0118"),
            *("1-914-555-0118", "tel:+1-914-555-0118", "914 5550118", "9 1 4 5 5 5 0 1 1 8"),
            *("914-555-0118x12", "914-555-0118 ext. 12", "914 555 0118 #12", "cell=9145550118"),
        ],
        "302": [
            *("07700 900123", "+44 7700 900123", "0044 7700 900123", "+44 (0)7700 900123"),
            *("7700900123", "011 44 7700 900123"),
        ],
        "305": ["028 3823 5555", "+84 28 3823 5555", "28 3823 5555"],
        "306": ["98765 43210", "+91 98765 43210", "9876543210", "09876543210"],
        "307": ["11 91234-5678", "+55 11 91234 5678", "(11) 91234-5678"],
    },
    "birth dates": {
        "311": [
            *("sato 3/13/1991", "sato 3-13-91", "sato 13.3.1991", "sato 3 13 1991", "sato 031391"),
            *("sato 3 / 13 / 1991", "sato 3 - 13 - 91", "sato 13. 3. 1991", "sato 1991.03.13"),
            *("sato 13-MAR-1991", "sato 13 mar 91", "sato 13mar91", "sato mar13 1991"),
            *("sato March 13th, 1991", "sato march, 13 1991", "sato 13th of march 1991"),
            *("sato 13. March 1991", "sato 13 de marzo de 1991"),
            *("sato 13 marzo 1991", "sato (dob 3/13/1991)", "sato DOB-3/13/91", "dob=3/13/91 sato"),
            *("sato d.o.b. 3/13/91", "sato date of birth: 3/13/1991", "sato born on 3/13/1991"),
            *("sato 1991-03-13T00:00:00Z", "sato 1991-03-13 00:00:00", "sato 3/13/1991 12:00 AM"),
            *("sato 3/13/1991 (35)", "sato 1991年3月13日", "sato 31391", "emi 3131991"),
        ],
    },
    "a day without its year": {
        "311 312": [
            *("sato 3/13", "sato 13/3", "sato 3-13", "sato 03/13", "sato 13.3.", "3/13 sato"),
            *("sato mar 13", "sato 13 mar", "sato march 13th", "sato 13th of march"),
            *("sato 13 de marzo", "sato marzo 13", "sato birthday march 13", "sato dob 3/13"),
            *("3/13", "birthday 3/13", "sato --03-13", "sato 3/13/"),
        ],
        "317": ["petrov 2/29", "petrov feb 29", "ana 29 february", "petrov 29 de febrero"],
        "307": ["lin 6/7", "mei 6/7", "l m 6/7", "lin jun 7", "lin june 7"],
    },
    "a month with its year": {
        "311": ["sato 3/1991", "sato 03-1991", "sato 1991-03", "sato march 1991", "sato 3/91"],
    },
    "ages": {
        "311": [
            *("sato 35y", "sato 35 yo f", "sato 35 y/o female", "sato 35-year-old"),
            *("sato 35/f", "sato 35F", "sato f 35", "sato female 35", "sato age 35", "sato 35yr"),
        ],
        "313": [
            *("sato 1mo", "sato 1 month", "sato 8 weeks", "sato 8w", "sato 59 days", "sato 1m"),
            *("sato newborn", "sato baby", "sato infant", "sato 0y", "sato 8 wks old girl"),
        ],
    },
    "e-mail addresses, whole and half": {
        "314": [
            *("mary.obrien16@example.org", "MARY.OBRIEN16@EXAMPLE.ORG", "mary.obrien16@"),
            *("mary.obrien16", "mary.o", "mailto:mary.obrien16@example.org", "<mary.obrien16@ex>"),
            *("mary.obrien16 @ example.org", "obrien mary.obrien16@example.org"),
        ],
    },
    "apartments and boxes beside a name, a street or a town": {
        "300": [
            *("kahananui apt 5b", "kahananui apartment 5-b", "kahananui apt 5 B", "mauka #5b"),
            *("12 mauka rd apt 5b", "apt. 5b mauka", "hilo apt 5b", "kealii unit 5b"),
        ],
        "301": [
            *("kaahumanu po box 77", "hilo p.o. box 77", "P.O.Box 77, Hilo", "leilani box 77"),
            *("pobox 77 hilo", "po box #77 kaahumanu"),
        ],
        "303 304": ["rivera 500", "500 rivera", "henry rivera 500", "riv 500"],
        "303": ["500 elm st unit 12 dayton", "elm unit 12", "rivera unit 12", "henry # 12 elm"],
        "304": ["rivera apt b5", "500 elm b5", "elm apt b-5"],
        "309": ["walsh box elder", "box elder lane", "77 box elder", "walsh, 77 box elder ln"],
        "311": ["96720-1234", "sato 96720", "96720"],
        "317": [
            *("484 willow", "484 willow street", "484 Willow St, Mapleton Falls"),
            *("petrov willow mapleton", "ana 484 willow st."),
        ],
    },
    "numbers with a word before them": {
        "315": [
            *("member W123456", "member id: w123456", "policy# W123456", "id=w123456"),
            *("ins W123456", "subscriber no. W123456", "insurance W123456", "w123456"),
            *("W-123-456", "123456", "w 123456"),
        ],
        "311": ["mrn 311", "mrn-311", "MRN#311", "acct 311", "account no. 311", "pt 311", "# 311"],
        "319": ["test001", "zztest test001", "test0"],
    },
    "a payer beside a number or a name": {
        "315": ["mesa w123456", "mesa ridge adams", "adams mesa", "w123456 mesa ridge", "ppo joan"],
        "316": ["medicare adams", "adams, medicare", "medicare 1eg4te5mk72", "medic jill"],
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", EXACT)
def test_whoever_is_meant_is_found(desk: Desk, kind: str) -> None:
    missed = {}
    for numbers, texts in EXACT[kind].items():
        wanted = numbers.split()
        for text in filter(None, texts):
            hits = lookup.find(desk, text, addresses=True)
            first = sorted(str(hit.mrn) for hit in hits[: len(wanted)] if hit.exact)
            if first != wanted:
                missed[text] = [(hit.mrn, hit.exact, hit.matched) for hit in hits]
    assert missed == {}


NEARLY = {
    "sato 914-555-0181": ("311", "a digit of the number off"),
    "sato 9145550811": ("311", "no 9145550811"),
    "mary.obrien16@exmaple.org": ("314", "another e-mail behind the @"),
    "mary.obrien16@example.com": ("314", "another e-mail behind the @"),
    "emi sato 35": ("311", "35 years old"),
    "aetna w123456": ("315", "no aetna"),
    "aetna W-123-456": ("315", "no aetna"),
    "adams aetna w123456": ("315", "no aetna"),
    "sato 1990s": ("311", "no 1990s"),
    "sato 7/30": ("311", "another birth day"),
    "lin 7/6": ("307", "birth day nearly so"),
    "lin 6/8": ("307", "birth day nearly so"),
    "lin 7/1995": ("307", "another birth month"),
    "kim dana 10434": ("10443", "a digit of the number off"),
    "emisato": ("311", "nearly so"),
    "satoemi 91": ("311", "nearly so"),
    "emi and noa sato": ("313", "no emi; no and"),
    "sato emi q": ("311", "no q"),
    "tedd walhs 7/8/51": ("309", "sounds like walsh"),
}


@pytest.mark.parametrize("text", NEARLY)
def test_whoever_is_nearly_meant_is_found_and_it_is_said_why(desk: Desk, text: str) -> None:
    wanted, why = NEARLY[text]
    hits = lookup.find(desk, text, wide=True, addresses=True)
    hit = next((hit for hit in hits[:4] if hit.mrn == wanted), None)
    assert hit is not None, [(hit.mrn, hit.matched) for hit in hits]
    assert not hit.exact
    assert why in hit.matched, hit.matched


TAKEN = {
    "sato 3/13": "name birth day",
    "sato mar 13": "name birth day",
    "sato march 1991": "name birth month",
    "medicare adams": "payer name",
    "kahananui apt 5b": "name address",
    "medicare sato": "payer name",
    "sato 35 yo f": "name age sex not looked at",
    "mrs sato": "name",
    "sato 13/31": "name unfinished",
    "9 1 4 5 5 5 0 1 1 8": "number or phone",
}


@pytest.mark.parametrize("text", TAKEN)
def test_it_is_shown_what_each_word_was_taken_for(desk: Desk, text: str) -> None:
    assert patient_search.Search().look(desk, text).taken == TAKEN[text]


def test_a_day_is_read_in_the_order_of_the_clinic(desk: Desk) -> None:
    read = {
        order: [
            word.means("birth day")
            for text in ("3/4", "4.3.", "--03-04", "3/31")
            for word in lookup.parse_lookup(text, desk.today, order).typed
        ]
        for order in ("mdy", "dmy", "ymd")
    }
    assert read["mdy"] == read["ymd"] == [["0304"], ["0304"], ["0304"], ["0331"]]
    assert read["dmy"] == [["0403"], ["0304"], ["0304"], ["0331"]]


def test_whoever_the_rest_fits_stays_while_the_end_is_typed(desk: Desk) -> None:
    for whole in (
        *(
            "emi sato 3/13/1991",
            "emi sato march 13 1991",
            "emi sato 35 yo f",
            "kealii mauka apt 5b",
        ),
        *("emi sato dob 3/13/91", "leilani po box 77", "#311 sato"),
        *("emi sato 914-555-0118", "sato emi mrn 311", "sato noa 8 weeks old"),
    ):
        wanted = lookup.find(desk, whole, addresses=True)[0].mrn
        for end in range(whole.find(" ") + 2, len(whole)):
            hits = lookup.find(desk, whole[:end], addresses=True)
            assert wanted in [hit.mrn for hit in hits], whole[:end]
    (hit,) = lookup.find(desk, "emi 3/1", addresses=True)
    assert (hit.exact, hit.score < 1, hit.matched) == (False, True, "unfinished")
    assert patient_search.Search().look(desk, "emi 3/1").could_widen
    for text in ("emi 3/1/1991", "emi 1992", "emi 5550199", "emi 3/14", "emi 0119", "emi x@y.org"):
        assert lookup.find(desk, text, addresses=True) == [], text
    assert lookup.find(desk, "emi 3/1", addresses=True, wide=True)[0].matched != "unfinished"
    assert lookup.find(desk, "emi 3/1") == []


def test_a_month_is_one_though_somebody_of_such_a_name_has_such_a_number(desk: Desk) -> None:
    fields = {"family": "Sato", "given": "Martha", "birth_date": "7/7/2013"}
    martha = patients.register(desk, force=True, **fields)
    found = lookup.find(desk, "sato mar 13", addresses=True)
    assert found[0].id == martha.id
    assert sorted(str(hit.mrn) for hit in found[1:]) == ["311", "312"]

    def body(unit: Unit) -> None:
        unit.insert(Identifier, patient_id=martha.id, system="import", value="477")
        unit.say("Filled.")

    desk.store.write(desk.who, "test", body)
    patients.edit(desk, patient_id=martha.id, family="Rivera")
    found = lookup.find(desk, "rivera mar 4", addresses=True)
    assert [(hit.given, hit.matched) for hit in found] == [
        ("Henry", "name birth day"),
        ("Martha", "name name number"),
    ]


def test_an_apartment_alone_finds_nobody_rather_than_anybody(desk: Desk) -> None:
    for text in ("po box 77", "apt 5b", "unit 12"):
        assert lookup.find(desk, text, addresses=True, wide=True) == []
        said = patient_search.Search().look(desk, text).taken
        assert said == "needs a name or street beside it"
        assert said in views.nobody(desk, text)
    assert len(views.nobody(desk, "a" * 100_000)) < 200


def test_a_payer_of_nobody_who_fits_brings_nobody(desk: Desk) -> None:
    assert not any(hit.exact for hit in lookup.find(desk, "medicare sato", addresses=True))
    assert lookup.find(desk, "medicare", addresses=True) == []
    assert not any(hit.exact for hit in lookup.find(desk, "mesa jill", addresses=True))


def test_todays_patients_are_found_in_other_readings_too(desk: Desk, ids: list[str]) -> None:
    for text in ("mrs sato emi", "sato mar 13 1991", "emi march 13", "emi 13 marzo", "sato 31391"):
        assert [hit.mrn for hit in lookup.find_among(desk, text, ids) if hit.exact] == ["311"], text
    assert not any(hit.exact for hit in lookup.find_among(desk, "mother of emi", ids))


@pytest.fixture
def ids(desk: Desk) -> list[str]:
    return [hit.id for hit in lookup.find(desk, "sato", limit=5)]


def test_a_newcomer_is_named_without_title_door_or_sex(desk: Desk) -> None:
    for text in ("Mrs. tanaka emi 3/4/62", "ms Tanaka, Emi dob 3/4/62", "tanaka emi 3/4/62 apt 5b"):
        told = patients.guess(desk, text)
        assert (told["family"], told["given"], told["birth_date"]) == (
            *("Tanaka", "Emi"),
            "03/04/1962",
        ), text
    assert patients.guess(desk, "tanaka emi 35 yo f")["given"] == "Emi"
    assert patients.guess(desk, "miss")["family"] == "Miss"
    assert newcomers.read(desk, "Mr. tanaka ken 3/4/62") == ("Tanaka, Ken", date(1962, 3, 4))


PIECES = re.split(
    " *; *",
    "sato;emi;willow;484;hilo;3/13;3/13/1991;31/31;mar;13;de marzo;35 y/o;m;apt 5b;po box 77;#12;@;"
    "mary@x.org;(914);555-0118;914;1mc2;medicare;mesa;van der;'t;of the;mother;'s;--03-13;-;/;.;,;"
    "12:00;王小明;Иванов;محمد;਼;\x00;\u200b;１９;½;st;newborn;96720;2/30;b.;%_;\\\\;<b>;[b];ext 12;"
    "99999999999999999999;ﬁ;W123456",
)


def test_whatever_is_typed_is_answered(desk: Desk) -> None:
    chance = Random(5)
    for _ in range(400):
        parts = [chance.choice(PIECES) for _ in range(chance.randint(1, 6))]
        text = chance.choice((" ", "", ", ")).join(parts)
        hits = lookup.find(desk, text, wide=chance.random() < 0.5, addresses=True, limit=8)
        assert len({hit.id for hit in hits}) == len(hits) <= 8, text
        assert all(0 <= hit.score <= 1 and (hit.score == 1) == hit.exact for hit in hits), text
        assert all(hit.matched for hit in hits), text
