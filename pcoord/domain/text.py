"""The boundary for text: what enters the store is scrubbed here, once."""

import re
import unicodedata

MAX_TEXT = 65_536
_MARKS_IN_A_ROW = 4
_VIRAMA = 9  # its canonical combining class
_ZWJ, _AS_PICTURE = "\u200d", "\ufe0f"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_PLANES = range(0, 0x110000, 0x10000)
_JOINERS = "\u200c\u200d"
_VARIANTS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_NO_CHARACTERS = "".join(f"{chr(plane + 0xFFFE)}-{chr(plane + 0xFFFF)}" for plane in _PLANES)
_NEVER = re.compile(
    # C0 but tab and line ends, C1, bidi controls, word joiners, BOM, surrogates, tags, fillers
    # and other characters that take room in the store but show nothing.
    f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad{_BIDI}\u034f\u180e\u200b"
    "\u115f\u1160\u17b4\u17b5\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufdd0-\ufdef"
    "\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
    f"\U000e01f0-\U000e0fff{_NO_CHARACTERS}]"
)
_LINE_ENDS = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")
_BRAILLE_BLANK = "\u2800"
_VARIANT = re.compile(f"([^{_VARIANTS}]?)([{_VARIANTS}]+)")
_FORMULA = re.compile("'*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")


def scrub(text: str, *, multiline: bool = False, limit: int = MAX_TEXT) -> str:
    """Return text fit to be stored and drawn: no control, bidi or invisible characters.

    Names of every script stay as they are, joiners inside words too. Line ends become blanks
    unless `multiline`; the text is NFC, without blanks at its ends, and at most `limit` long.
    """
    if _is_plain(text, limit):
        return text
    text = _NEVER.sub("", text[: limit * 2])
    text = _LINE_ENDS.sub("\n" if multiline else " ", text).replace(_BRAILLE_BLANK, " ")
    text = _BLANKS.sub(" ", _inner_joiners(_VARIANT.sub(_one_variant, text)))
    text = _few_marks(unicodedata.normalize("NFC", text))
    return _inner_joiners(text.strip()[:limit].rstrip())


def _is_plain(text: str, limit: int) -> bool:
    """Tell quickly that there is nothing to scrub, as in nearly every text."""
    plain = text.isascii() and text.isprintable() and len(text) <= limit
    return plain and "  " not in text and text == text.strip(" ")


def readable(word: str) -> str:
    """Return a word whose bytes were no UTF-8 as a Latin terminal meant it."""
    meant = (
        chr(ord(letter) - 0xDC00) if "\udc80" <= letter <= "\udcff" else letter for letter in word
    )
    return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in meant)


def is_clean(text: str, *, multiline: bool = False) -> bool:
    """Tell whether scrubbing would leave the text as it is."""
    return scrub(text, multiline=multiline) == text


def _few_marks(text: str) -> str:
    """Cut stacks of combining marks; real scripts need fewer on one letter."""
    if text.isascii():
        return text
    kept, row = [], 0
    for character in text:
        if character not in _JOINERS:
            row = row + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if row <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def _one_variant(match: re.Match[str]) -> str:
    """Keep one selector behind what has variants: ideographs and other letters without case, signs.

    Behind a Latin letter, a blank or another selector it only makes names differ, unseen.
    """
    behind, selectors = match.groups()
    varies = bool(behind) and unicodedata.category(behind) in {"Lo", "So", "Sm", "Nd", "Po", "Sk"}
    return behind + selectors[0] if varies else behind


def _inner_joiners(text: str) -> str:
    """Keep joiners where scripts need them; the others only make names differ."""
    if not any(joiner in text for joiner in _JOINERS):
        return text
    kept: list[str] = []
    for here, after in zip(text, [*text[1:], " "], strict=True):
        if here not in _JOINERS or (kept and _joins(kept[-1], here, after)):
            kept.append(here)
    return "".join(kept)


def _joins(before: str, joiner: str, after: str) -> bool:
    """Tell whether a joiner does something between two characters (or before a word's end).

    Inside a word, behind a virama (RFC 5892 A.1 and A.2), or between the parts of one emoji.
    """
    if _in_word(before) and _in_word(after):
        return True
    if before and unicodedata.combining(before) == _VIRAMA:
        return True
    return joiner == _ZWJ and _is_picture(before) and _is_picture(after)


def _in_word(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] in "LM"


def _is_picture(character: str) -> bool:
    """Tell whether a character is an emoji, or what colours or selects one."""
    return bool(character) and (
        unicodedata.category(character) in {"So", "Sk"} or character == _AS_PICTURE
    )


def cell_width(text: str) -> int:
    """Return how many terminal cells a text takes: wide characters two, marks none."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def fit(text: str, width: int) -> str:
    """Return text cut or padded to exactly `width` cells (for plain output)."""
    used, kept = 0, []
    for character in text:
        size = _width(character)
        if used + size > width:
            break
        kept.append(character)
        used += size
    return "".join(kept) + " " * (width - used)


def csv_safe(cell: str) -> str:
    """Return a cell that no spreadsheet reads as a formula (OWASP CSV injection)."""
    return "'" + cell if _FORMULA.match(cell) else cell


def csv_meant(cell: str) -> str:
    """Return a cell of a file as it was meant, without the mark that made it harmless."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
