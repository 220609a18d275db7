"""What the words of another system's appointments mean here: who sees the patient, what for."""

from collections.abc import Mapping

from pcoord.domain.clinic import Clinic, Practitioner, VisitType
from pcoord.domain.names import fold

TITLES = frozenset({"dr", "doctor", "prof", "md", "do", "np", "pa", "rn", "phd", "mr", "mrs", "ms"})


class LeftOut(ValueError):
    """The row cannot be stored; the message is a sentence that says why."""


class VisitWords:
    """The words of one table; `said` is what its mapping file says of them, by field."""

    def __init__(self, clinic: Clinic, said: Mapping[str, Mapping[str, str]]) -> None:
        self._clinic, self._words = clinic, said
        self._people = _practitioner_words(clinic)
        self._kinds = _kind_words(clinic)

    def practitioner(self, word: str) -> Practitioner:
        """Return who is called this; raise LeftOut for nobody and for several."""
        found = self._people.get(bare_name(self._said("practitioner", word)), [])
        if len(found) == 1:
            return found[0]
        why = "fits several providers" if found else "is no provider of this clinic"
        raise LeftOut(
            f'"{word[:40]}" {why}. Say who is meant in the mapping file under '
            '[values.practitioner]: "their word" = "CODE".'
        )

    def kind(self, word: str | None) -> VisitType:
        """Return what is called this, a follow-up for nothing; raise LeftOut for a strange word.

        A longer name counts when it holds the name of one visit type only: "Follow Up 15 min".
        """
        if word is None:
            return self._kinds.get("fu") or self._clinic.visit_types[0]
        folded = fold(self._said("visit_type", word))
        found = self._kinds.get(folded) or self._inside(folded)
        if found is None:
            raise LeftOut(
                f'The visit type "{word[:40]}" is not known here. Say what it means in the '
                'mapping file under [values.visit_type]: "their word" = "fu".'
            )
        return found

    def _inside(self, folded: str) -> VisitType | None:
        """Return the one visit type whose name stands in a longer one as whole words."""
        spaced = f" {folded} "
        names = [name for name in self._kinds if f" {name} " in spaced]
        # "well child" says more than "child": names inside longer ones do not count.
        whole = [n for n in names if not any(n != m and f" {n} " in f" {m} " for m in names)]
        kinds = {self._kinds[name].id: self._kinds[name] for name in whole}
        return next(iter(kinds.values())) if len(kinds) == 1 else None

    def _said(self, name: str, typed: str) -> str:
        folded = {word.casefold(): value for word, value in self._words.get(name, {}).items()}
        return folded.get(typed.casefold(), typed)


def bare_name(text: str) -> str:
    """Return a provider's name without titles, for comparing."""
    return " ".join(word for word in fold(text).split() if word not in TITLES)


def _practitioner_words(clinic: Clinic) -> dict[str, list[Practitioner]]:
    """Return what each provider may be called: code, id, family name, whole name."""
    found: dict[str, list[Practitioner]] = {}
    for one in clinic.practitioners:
        called = {one.code, one.id, one.family, f"{one.given} {one.family}"}
        called |= {f"{one.family} {one.given}", f"{one.given[:1]} {one.family}"}
        called |= {f"{one.family} {one.given[:1]}"}
        for word in {bare_name(name) for name in called} - {""}:
            found.setdefault(word, []).append(one)
    for one in clinic.practitioners:  # a code is never unclear
        found[bare_name(one.code)] = [one]
    return found


def _kind_words(clinic: Clinic) -> dict[str, VisitType]:
    found: dict[str, VisitType] = {}
    for kind in clinic.visit_types:
        for word in (kind.title, *kind.words):
            found.setdefault(fold(word), kind)
    return found | {fold(kind.code): kind for kind in clinic.visit_types}
