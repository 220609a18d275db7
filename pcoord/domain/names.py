"""Names as people are looked up by: folding, words, sounds and closeness."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache

from pcoord.domain.other_scripts import in_latin

LONGEST_WORD = 40
NO_NICKNAMES: Mapping[str, Iterable[str]] = {}

_APOSTROPHES = re.compile("['’‘‛ʼʻ`´′＇.·]")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
    | {"ħ": "h", "ŧ": "t", "ŋ": "n", "ə": "e", "ß": "ss", "ĸ": "k"}
)
# The other common spelling of these letters, as in Mueller for Müller.
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_LOWER_PARTICLES = frozenset(
    re.findall(r"\w+", "de la las los del der den dos das du da di von y bin ibn")
)
_PARTICLES = _LOWER_PARTICLES | {"al", "el", "do", "le", "van", "e"}
_SHORT_PREFIX = re.compile(r"(?<!\w)(?:o|d|l|m)['’‘ʼʻ`´](?=\w{3})", re.IGNORECASE)
_NUMERALS = frozenset({"II", "III", "IV", "VI", "VII", "VIII"})


# Most names are plain, and a list folds dozens of them a key.
_PLAIN: dict[int, str | None] = {
    code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)
}
_PLAIN |= dict.fromkeys(map(ord, "'`."))


@lru_cache(4096)
def fold(text: str) -> str:
    """Return text as names are compared: no marks, case or apostrophes; words apart by a blank."""
    if text.isascii():
        if text.isalnum():
            return text.lower()
        return " ".join(text.translate(_PLAIN).split())
    plain = _APOSTROPHES.sub("", unicodedata.normalize("NFKD", text).casefold())
    plain = unicodedata.normalize("NFKD", plain.translate(_LETTERS))
    kept = (c if c.isalnum() else " " for c in plain if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def fold_identifier(value: str) -> str:
    """Return a record number as it is compared: letters and digits only, in lower case."""
    return fold(value).replace(" ", "")


def name_tokens(
    family: str,
    given: str,
    others: Iterable[str] = (),
    *,
    nicknames: Mapping[str, Iterable[str]] = NO_NICKNAMES,
) -> set[str]:
    """Return every word a person may be looked up by.

    Parts, joined forms (O'Brien: obrien, brien; al-Hassan: alhassan, hassan) and the nicknames of
    given names, from groups by folded name.
    """
    found = {token for name in (family, given, *others) for token in _tokens(name)}
    for token in _tokens(given) if nicknames else ():
        found |= {fold_identifier(other) for other in nicknames.get(token, ())}
    return {token for token in found if token}


@lru_cache(4096)
def name_forms(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words of a name, and the joined forms of words that belong together.

    Those of a name in another script stand beside how it is written in Latin letters.
    """
    parts: set[str] = set()
    joined: set[str] = set()
    spelt_out = unicodedata.normalize("NFC", name).casefold().translate(_SPELT_OUT)
    for spelling in {name, spelt_out, *in_latin(name)}:
        for words in (fold(spelling).split(), fold(_SHORT_PREFIX.sub("", spelling)).split()):
            parts |= _parts(words)
            joined |= _joined(words)
    return _cut(parts), _cut(joined - parts)


def _tokens(name: str) -> frozenset[str]:
    parts, joined = name_forms(name)
    return parts | joined


def joined_words(words: list[str]) -> list[str]:
    """Return typed words with each article or particle joined to what follows (de la cruz)."""
    found: list[str] = []
    waiting = ""
    for word in words:
        waiting += word
        if word not in _PARTICLES:
            found, waiting = [*found, waiting], ""
    return [*found, waiting] if waiting else found


def _cut(words: set[str]) -> frozenset[str]:
    return frozenset(word[:LONGEST_WORD] for word in words)


def _parts(words: list[str]) -> set[str]:
    return {word for word in words if word not in _PARTICLES} or set(words)


def _joined(words: list[str]) -> set[str]:
    after_particle = {"".join(words[n:]) for n, word in enumerate(words) if word in _PARTICLES}
    return after_particle | ({"".join(words)} if words else set())


def sound_keys(token: str) -> set[str]:
    """Return the keys that names sounding or spelt alike share.

    `m:` and the metaphone code; `d:` and the token, also with each one letter left out.
    """
    word = fold_identifier(token)[:LONGEST_WORD]
    if not word:
        return set()
    keys = {"d:" + word} | {"d:" + word[:n] + word[n + 1 :] for n in range(len(word))}
    if word.isascii() and word.isalpha():
        from jellyfish import metaphone

        keys.add("m:" + metaphone(word))
    return keys - {"m:", "d:"}


def closeness(typed: str, name: str) -> float:
    """Return from 0 to 1 how near typed letters are to a name; a good beginning counts too."""
    word, whole = fold_identifier(typed)[:LONGEST_WORD], fold_identifier(name)[:LONGEST_WORD]
    if not word or not whole:
        return 0.0
    if word == whole:
        return 1.0
    return max(likeness(word, whole), 0.95 * likeness(word, whole[: len(word)]))


def likeness(one: str, other: str) -> float:
    """Return from 0 to 1 how near two folded words are: their beginnings, and the edits between.

    Half Jaro-Winkler, half optimal string alignment (a swap of neighbours is one edit).
    """
    beginnings, edits = _scorers()
    return (beginnings(one, other) + edits(one, other)) / 2


def likenesses(one: str, others: Sequence[str]) -> list[float]:
    """Return how near a folded word is to each of some others, as `likeness` says it."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA, JaroWinkler

    found = [0.0] * len(others)
    for scorer in (JaroWinkler.similarity, OSA.normalized_similarity):
        for _, like, at in process.extract(one, others, scorer=scorer, limit=None):
            found[at] += like / 2
    return found


@cache
def _scorers() -> tuple[Callable[[str, str], float], Callable[[str, str], float]]:
    """Return how words are compared; imported when first needed."""
    from rapidfuzz.distance import OSA, JaroWinkler

    return JaroWinkler.similarity, OSA.normalized_similarity


def tidy_name(text: str) -> str:
    """Return a shouted name in ordinary capitals (SMITH: Smith, MCDONALD: McDonald).

    Names typed with small letters stay as they are, and so do digits.
    """
    words = text.split()
    shouted = all(word == word.upper() for word in words)
    last = len(words) - 1
    return " ".join(_tidy_word(word, shouted, n < last) for n, word in enumerate(words))


def _tidy_word(word: str, shouted: bool, more: bool) -> str:
    if shouted and more and word.casefold() in _LOWER_PARTICLES:
        return word.lower()
    loud = [part for part in re.split(r"[-'’]", word) if _is_loud(part, 2 if shouted else 3)]
    if not loud or word in _NUMERALS:
        return word
    return "".join(
        part if part in _NUMERALS else _capital(part) for part in re.split(r"([-'’])", word)
    )


def _is_loud(part: str, least: int) -> bool:
    body = part[2:] if part.startswith("Mc") else part
    return len(body) >= least and body == body.upper() != body.lower() and not _all_capitals(body)


def _all_capitals(text: str) -> bool:
    """Tell whether a word is of a script that is written in capitals alone."""
    return unicodedata.name(text[0], "").startswith(("CHEROKEE", "OSAGE"))


def _capital(part: str) -> str:
    low = part.lower()
    if low.startswith("mc") and len(low) > 3:
        return "Mc" + low[2:].capitalize()
    return low.capitalize()


# Besides letters and marks: hyphens, apostrophes, joiners, and what Hebrew, Tibetan, Japanese and
# Armenian set within a name.
_IN_NAMES = " -\u2010\u2011'’‘ʻʼ.,·()\u200c\u200d\u05be\u05f3\u05f4\u0f0b\u0f0c・･゠՚"


def odd_name(text: str) -> bool:
    """Tell whether a name holds what names seldom do: digits, symbols, or no letter at all."""
    plain = unicodedata.normalize("NFC", text)
    if not any(c.isalpha() for c in plain):
        return True
    return any(not (c.isalpha() or c in _IN_NAMES or _is_mark(c)) for c in plain)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")
