"""What the coded words of other systems mean here: sex, language, status, state, postal code."""

import re
import unicodedata

SEXES = {
    "female": "f female woman w girl femenino femenina mujer weiblich feminin kobieta 248152002",
    "male": "m male man b boy masculino hombre h varon v mannlich masculin mezczyzna 248153007",
    "other": "o other x nonbinary nb diverse d otro intersex i transgender genderqueer",
    "unknown": "u unknown un unk undifferentiated notknown unspecified asku declined desconocido "
    "undisclosed notspecified unassigned",
}
LANGUAGES = {
    "en": "english eng ingles englisch anglais",
    "es": "spanish spa espanol castellano castilian spanisch",
    "vi": "vietnamese vie tiengviet",
    "ar": "arabic ara",
    "zh": "chinese mandarin cantonese zho chi zhongwen",
    "fr": "french fra fre francais",
    "pl": "polish pol polski",
    "cs": "czech ces cze cestina",
    "am": "amharic amh",
    "pt": "portuguese por portugues",
    "ru": "russian rus",
    "ko": "korean kor",
    "tl": "tagalog tgl filipino",
    "ht": "haitian haitiancreole hat kreyol creole",
    "so": "somali som",
    "hi": "hindi hin",
    "ur": "urdu urd",
    "fa": "persian farsi fas per dari",
    "de": "german deu ger deutsch",
    "it": "italian ita italiano",
    "uk": "ukrainian ukr",
    "ja": "japanese jpn",
    "ti": "tigrinya tir",
    "sw": "swahili swa",
    "ne": "nepali nep",
    "bn": "bengali ben",
    "ase": "asl americansignlanguage signlanguage sgn sign",
}
STATUSES = {
    "booked": "booked scheduled sched pending confirmed conf unconfirmed reminded new active open "
    "none proposed planned requested rescheduled programada",
    "arrived": "arrived here waiting present late arrivedlate",
    "checked-in": "checkedin checkin inroom inexamroom roomed withprovider inprogress started",
    "fulfilled": "fulfilled completed complete done seen finished closed checkedout checkout kept "
    "billed completado",
    "cancelled": "cancelled canceled cancel cancelledbypatient canceledbypatient x latecancel "
    "broken cancelledbyclinic cancelada",
    "noshow": "noshow ns noshowed missed dna dnka didnotattend failed nsh absent leftwithoutvisit "
    "leftwithoutseen leftwithoutbeingseen lwbs walkedout",
    "waitlist": "waitlist waitlisted waitinglist asap",
    "entered-in-error": "enteredinerror error deleted void voided",
}
# One-sign codes of OpenEMR's calendar.
SIGNS = {
    **dict.fromkeys(("-", "*", "+", "^", "&"), "booked"),
    **dict.fromkeys(("@", "~"), "arrived"),
    **dict.fromkeys(("<",), "checked-in"),
    **dict.fromkeys((">", "$"), "fulfilled"),
    **dict.fromkeys(("%",), "cancelled"),
    **dict.fromkeys(("?", "!"), "noshow"),
}
YES = {"yes", "y", "true", "t", "1", "si", "needed", "required", "x"}
NO = {"no", "n", "false", "f", "0", "none", "notneeded", "notrequired"}
COUNTRIES = {"us": "US", "usa": "US", "unitedstates": "US", "unitedstatesofamerica": "US"} | {
    "840": "US",
    "ca": "CA",
    "can": "CA",
    "canada": "CA",
    "mx": "MX",
    "mex": "MX",
    "mexico": "MX",
}

_STATES = """
al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc
nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr vi gu as mp aa ae ap alabama alaska
arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois
indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi
missouri montana nebraska nevada newhampshire newjersey newmexico newyork northcarolina
northdakota ohio oklahoma oregon pennsylvania rhodeisland southcarolina southdakota tennessee
texas utah vermont virginia washington westvirginia wisconsin wyoming districtofcolumbia
puertorico virginislands guam
"""
US_STATES = frozenset(_STATES.split())


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in plain if c.isalnum())


def _table(words: dict[str, str]) -> dict[str, str]:
    return {word: code for code, said in words.items() for word in said.split()}


_SEX, _LANGUAGE, _STATUS = _table(SEXES), _table(LANGUAGES), _table(STATUSES)


def sex(word: str) -> str | None:
    """Return FHIR's female, male, other or unknown, or None for a word not known here."""
    return _SEX.get(_folded(word))


def language(word: str) -> str | None:
    """Return a language code ("es") for a name or a code ("Spanish", "es-MX", "spa"), or None."""
    known = _LANGUAGE.get(_folded(word))
    if known is None and (code := re.fullmatch(r"([a-z]{2})(?:[-_][a-z0-9-]+)?", word.casefold())):
        return code[1]
    if known is None:
        known = _LANGUAGE.get(_folded(re.split(r"[;,(/]", word)[0]))
    return known


def status(word: str) -> str | None:
    """Return FHIR's appointment status for another system's word or sign, or None."""
    return SIGNS.get(word.strip()) or _STATUS.get(_folded(word))


def is_confirmed(word: str) -> bool:
    """Tell whether a status word says that the patient has confirmed."""
    return _folded(word) in {"confirmed", "conf"}


_NO_PAYER = """
none noinsurance uninsured notinsured self selfpay selfpaid cash privatepay na unknown nil keine
ninguno ninguna particular sinseguro
"""
NO_PAYER = frozenset(_NO_PAYER.split())


def payer(word: str | None) -> str | None:
    """Return who pays; None where the word says that nobody does, or only whether somebody does."""
    folded = _folded(word or "")
    return None if not folded or folded in NO_PAYER | YES | NO else word


def yes_no_word(word: str) -> str | None:
    """Return "yes" or "no", or None for a word not known here."""
    folded = _folded(word)
    return "yes" if folded in YES else "no" if folded in NO else None


_GONE = _table(
    {
        "deceased": "deceased dead died expired fallecido fallecida verstorben decede",
        "inactive": "inactive archived nonpatient deleted former transferred discharged baja "
        "inactivo",
        "": "active alive patient current prospective alta activo vivo lebend",
    }
)


def gone(word: str) -> str | None:
    """Return "deceased" or "inactive" for a status or a yes, "" for neither, None if not known."""
    truth = yes_no_word(word)
    if truth is not None:
        return "deceased" if truth == "yes" else ""
    return _GONE.get(_folded(word))


def yes_or_no(word: str | None) -> bool | None:
    """Return a yes or no as a truth, None when nothing was said."""
    return None if word is None else word.casefold() == "yes"


def country(word: str | None) -> str | None:
    """Return a two-letter country code, or None for a word not known here."""
    return COUNTRIES.get(_folded(word)) if word else None


def state(word: str | None, region: str) -> str | None:
    """Return a state as written, two letters in capitals."""
    if word and region in ("US", "CA") and re.fullmatch(r"[A-Za-z]{2}", word):
        return word.upper()
    return word


def is_us_state(word: str) -> bool:
    """Tell whether a word is a state or territory of the United States, as code or name."""
    return _folded(word) in US_STATES


def postal_code(code: str, region: str) -> str:
    """Return a postal code; a US one gets back the leading zero a spreadsheet took."""
    if region != "US":
        return code
    code = re.sub(r"\.0$", "", code)
    short, dash, plus = code.partition("-")
    if dash and short.isdigit() and re.fullmatch(r"\d{4}", plus, re.ASCII):
        return f"{short.zfill(5)}-{plus}" if 3 <= len(short) <= 5 else code
    if re.fullmatch(r"\d{3,4}", code, re.ASCII):
        return code.zfill(5)
    if re.fullmatch(r"\d{8,9}", code, re.ASCII):
        full = code.zfill(9)
        return f"{full[:5]}-{full[5:]}"
    return code
