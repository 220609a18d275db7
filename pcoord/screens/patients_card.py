"""What a patient's card says, line by line; beside the list, and over the whole screen."""

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding

from pcoord.actions import ACTIONS, Selection
from pcoord.widgets.card import CardLine
from pcoord.widgets.key_footer import KeyFooter
from pcoord.widgets.notice import Notice
from pcoord.widgets.over import Over
from pcoord.widgets.row_list import Column, Row, RowList
from pcoord.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.services.desk import Desk
    from pcoord.services.patient_card import Card, CardPhone, CardVisit, Related

FOOTER = [("b", "book"), ("x", "move"), ("k", "cancel"), ("c", "check in"), ("t", "call")]
FOOTER += [("R", "record"), ("Esc", "back"), ("^E", "edit"), ("m", "message"), ("u", "undo")]
PATIENTS = "patients"
CHECK_IN = "encounter.check_in"
LETTERS = (
    *("appointment.book", "appointment.move", "appointment.cancel", CHECK_IN),
    *("message.send", "call.new", "patient.record", "step.undo", "nurse.accept"),
)
"""Actions whose letters of the patients' list act on the whole card, too."""
DOCUMENTS = 3
"""So many papers are told of beside the list; the record has them all."""
USES = {"mobile": "m", "home": "h", "work": "w"}


def says_of(desk: "Desk", card: "Card") -> str:
    """Return the line that names a patient in full."""
    name = ", ".join(filter(None, (card.family, card.given)))
    return f"{name}   {_sex_and_age(card)}   {_born(card)}   MRN {card.mrn or '-'}"


def card_lines(desk: "Desk", card: "Card", width: int) -> list[CardLine]:
    """Return the card in so many cells; what may do harm when overlooked stands first."""
    lines: list[CardLine] = list(_head(card, width))
    for text, style in (
        *_warnings(card),
        *_denied(card.contacts),
        *((text, "") for text in _reach(desk, card)),
        *((text, "") for text in _visits(desk, card)),
        *_work(card),
        *((text, "") for text in _around(desk, card)),
    ):
        lines += [(line, style) for line in _wrapped(text, width)]
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(text, max(16, width), subsequent_indent="  ", break_long_words=True)


def _head(card: "Card", width: int) -> Iterator[CardLine]:
    name = ", ".join(filter(None, (card.family, " ".join(filter(None, (card.given, card.middle))))))
    about = _sex_and_age(card)
    if len(name) + len(about) + 2 <= width:
        yield (f"{name}{about:>{width - len(name)}}", "bold")
    else:
        yield from ((line, "bold") for line in _wrapped(f"{name}  {about}", width))
    yield from _wrapped(f"MRN {card.mrn or '-'}   {_born(card)}", width)


def _sex_and_age(card: "Card") -> str:
    return f"{card.sex[:1].upper()} {card.age}".strip()


def _born(card: "Card") -> str:
    from pcoord.domain.dates import say_birth

    return f"born {say_birth(card.birth_date, long=True)}" if card.birth_date else "born unknown"


def _warnings(card: "Card") -> Iterator[tuple[str, str]]:
    from pcoord.domain.dates import say_birth

    if card.deceased_on:
        yield f"DECEASED {say_birth(card.deceased_on, long=True)}", "reverse"
    if not card.active:
        yield "INACTIVE record", "reverse"
    if card.test:
        yield "TEST record: nobody is written to or called", "reverse"
    if card.restricted:
        yield "RESTRICTED record", "reverse"
    if card.here:
        yield f"HERE NOW: {card.here}", "bold"
    yield from _minority(card)
    for alert in card.alerts:
        yield f"! {alert}", "bold"


def _minority(card: "Card") -> Iterator[tuple[str, str]]:
    """Say who may consent for a minor, and what is to be asked anew of somebody of age."""
    from pcoord.domain.dates import say_birth

    may = [f"{_person(one)} ({one.role})" for one in card.contacts if "consent" in one.scopes]
    if card.minor_until and not card.deceased_on:
        who = ", ".join(may) or "nobody on file"
        yield f"MINOR to {say_birth(card.minor_until, long=True)}: consent {who}", "bold"
    if card.of_age_since and any(one.ended_by_age for one in card.contacts):
        since = say_birth(card.of_age_since, long=True)
        yield f"! of age since {since}: ask anew who may hear what", "bold"


def _denied(contacts: "Iterable[Related]") -> Iterator[tuple[str, str]]:
    for one in contacts:
        if one.denied:
            yield f"DENIED {one.role} {_person(one)} ({one.denied})", "reverse"


def _reach(desk: "Desk", card: "Card") -> Iterator[str]:
    from pcoord.domain.phones import say

    language = [card.language] if card.language and card.language != "en" else []
    language += ["interpreter"] if card.interpreter else []
    spoken = ", ".join(language)
    best = f"best by {card.contact_by}" if card.contact_by else ""
    yield "   ".join(filter(None, (spoken, "text ok" if card.text_ok else "", best)))
    region = desk.clinic.region
    numbers = [
        f"{say(one.value, region)}\xa0{USES.get(one.use, one.use)}{_leave(one)}"
        for one in card.phones
    ]
    yield from numbers or ["no phone"]
    yield f"{card.email}{'  mail ok' if card.email_ok else ''}" if card.email else ""
    yield card.address or ""


def _leave(phone: "CardPhone") -> str:
    """Say what is not as usual at a number: the usual is a name and a number."""
    if phone.never:
        return "  NEVER CALL"
    usual = phone.may_leave == "name and number"
    return "" if usual else f"  leave {phone.may_leave}"


def _visits(desk: "Desk", card: "Card") -> Iterator[str]:
    coming, last = card.next_appointment, card.last_visit
    for visit in card.begun:
        yield f"not here yet: {say_visit(desk, visit)}"
    if coming in card.begun:
        coming = None
    yield f"next  {say_visit(desk, coming)}" if coming else "next  none booked"
    yield f"last  {say_visit(desk, last, clock=False)}" if last else "last  not seen here yet"
    if card.practitioner:
        yield f"sees  {card.practitioner}"
    yield card.note or ""


def say_visit(desk: "Desk", visit: "CardVisit", *, clock: bool = True) -> str:
    """Return a visit as the desk reads it: "Thu 26 Nov 10:30 LEE fu"."""
    from pcoord.domain.dates import say_day, say_time

    local = desk.clinic.local(visit.start)
    at = f" {say_time(local.time())}" if clock else ""
    kept = "  CONFIDENTIAL" if visit.confidential else ""
    day = say_day(local.date(), desk.today)
    return f"{day}{at} {visit.practitioner} {visit.visit_type}{kept}"


def _work(card: "Card") -> Iterator[tuple[str, str]]:
    for what, count in card.open_work.items():
        if count:
            plain = what == "waiting list"
            said = f"on the {what}" if plain else f"{count} open {what if count > 1 else what[:-1]}"
            yield f"! {said}", "bold"


def _around(desk: "Desk", card: "Card") -> Iterator[str]:
    from pcoord.domain.dates import say_day
    from pcoord.domain.disclosure import say_scopes

    for one in card.contacts:
        if not one.denied:
            agreed = "ended, of age now" if one.ended_by_age else say_scopes(one.scopes)
            marks = "".join(f"  {w}" for w in ("emergency", "guarantor") if getattr(one, w))
            phone = f"  {one.phone}" if one.phone else ""
            yield f"{one.role} {_person(one)}: {agreed}{phone}{marks}"
    for cover in card.coverages:
        if cover.standing:
            yield f"payer {cover.says}"
    for paper in card.documents[:DOCUMENTS]:
        yield paper.says
    if len(card.documents) > DOCUMENTS:
        yield f"{len(card.documents) - DOCUMENTS} more documents (R)"
    if card.preferred:
        yield f"called {card.preferred}"
    for use, name in card.other_names:
        yield f"{use} name {name}"
    for system, number in card.numbers:
        yield f"{system} number {number}"
    if card.pharmacy:
        yield f"pharmacy {card.pharmacy}"
    gender = (card.gender_identity, card.pronouns)
    yield "gender " + ", ".join(filter(None, gender)) if any(gender) else ""
    if card.birth_sex and card.birth_sex != card.sex:
        yield f"sex at birth {card.birth_sex}"
    for what in ("text", "email"):
        by, at = getattr(card, f"{what}_ok_by"), getattr(card, f"{what}_ok_at")
        if by and at:
            agreed = "agreed to" if getattr(card, f"{what}_ok") else "does not want"
            day = say_day(desk.clinic.local(at).date(), desk.today)
            yield f"{agreed} {what}s ({by}, {day})"


def _person(one: "Related") -> str:
    return f"{one.given} {one.family}".strip()


class CardScreen(Over[None]):
    """One patient over the whole screen: the card, then every visit, the latest first.

    Letters act as on the list below; on a visit's line they act on that visit.
    """

    DEFAULT_CSS = "CardScreen { background: ansi_default; }"
    BINDINGS: ClassVar = [Binding("escape", "app.pop_screen")]
    app: "PcoordApp"

    def __init__(self, card: "Card") -> None:
        super().__init__()
        self._card = card
        self._shown = False
        self.status = StatusLine()
        self.list = RowList((Column("text", "", 40, flex=True),), titles=False, filters=False)
        self.notice = Notice()

    def compose(self) -> ComposeResult:
        """Compose name, lines, what was done, and keys."""
        yield self.status
        yield self.list
        yield self.notice
        yield KeyFooter(FOOTER)

    def on_mount(self) -> None:
        """Take the keys, and the letters of the patients' list."""
        for action_id in LETTERS:
            keys = self.app.keys.of(action_id, PATIENTS, ACTIONS[action_id].keys[PATIENTS])
            for key in filter(None, keys.split(",")):
                self._bindings._add_binding(Binding(key, f"app.do('{action_id}')"))
        self.list.focus()

    def on_screen_resume(self) -> None:
        """Read anew what was done over it."""
        if self._shown:
            self._look_again()
        self._shown = True

    def _look_again(self) -> None:
        def read(desk: "Desk") -> "Card":
            from pcoord.services import patients

            return patients.card(desk, self._card.id)

        self.app.ask("whole card", read, self._read_anew)

    def _read_anew(self, card: "Card") -> None:
        if card.id == self._card.id:
            self._card = card
            self._draw()

    def on_resize(self) -> None:
        """Wrap anew for the width."""
        self._draw()

    def _draw(self) -> None:
        desk = self.app.desk
        if desk is None:
            return
        self.status.set("PATIENT", says_of(desk, self._card))
        lines = card_lines(desk, self._card, max(40, self.app.size.width - 2))
        rows = [Row(str(n), (line[0],), style=line[1]) for n, line in enumerate(map(_pair, lines))]
        rows.append(Row("", ("visits",), kind="head"))
        rows += [Row(v.id, (f"{v.letter}  {say_visit(desk, v)}",)) for v in self._card.visits]
        if not self._card.visits:
            rows.append(Row("", ("none yet; b books one",), kind="note"))
        self.list.set_rows(rows)

    def say(self, text: str, *, urgent: bool = False, undo: bool = False) -> None:
        """Show one sentence above the keys; what was done is seen in the card."""
        if urgent:
            self.notice.refuse(text)
        else:
            self.notice.say(text, undo=undo)
            self._look_again()

    def do(self, action_id: str) -> bool:
        """Check in for today, whichever visit the cursor stands on; other keys mean that one."""
        if action_id != CHECK_IN:
            return False
        self.app.open_line(action_id, Selection(patient_id=self._card.id))
        return True

    def selection(self) -> Selection:
        """Return this patient, and the visit under the cursor."""
        desk, key = self.app.desk, self.list.cursor_key
        says = says_of(desk, self._card) if desk is not None else ""
        visit = next((v for v in self._card.visits if v.id == key), None)
        if visit is None:
            return Selection(patient_id=self._card.id, says=says)
        return Selection(
            patient_id=self._card.id,
            appointment_id=visit.id,
            seen_appointment=visit.version,
            says=says,
        )


def _pair(line: CardLine) -> tuple[str, str]:
    return (line, "") if isinstance(line, str) else (str(line[0]), str(line[1]))
