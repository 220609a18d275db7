"""Turns the rows of a table into appointments, each kept or left out with a reason."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from pcoord.exchange import csv_words
from pcoord.exchange.csv_dates import Unreadable, is_empty, parse_clock, parse_date
from pcoord.exchange.csv_map import Mapping
from pcoord.exchange.csv_names import tidy_whole_name
from pcoord.exchange.csv_reader import Row, Table
from pcoord.exchange.csv_rows import (
    Cells,
    Rejected,
    Skipped,
    number,
    past_day,
    sentence,
    shown,
)

LONGEST = 24 * 60
MINUTES = re.compile(r"(?:pt)?(\d{1,4})(?:\.0+)?\s*(?:m|min|mins|minutes?)?\.?", re.ASCII)
HOURS_AND_MINUTES = re.compile(r"(\d{1,2}):(\d{2})(?::00)?", re.ASCII)
HOURS = re.compile(r"(?:pt)?(\d{1,2})\s*(?:h|hours?|hrs?)(?:\s*(\d{1,2})\s*m\w*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """A visit as a table tells it.

    `start` is clinic wall time without a zone unless the table gave an offset. The patient is
    `mrn`, `patient_id` (the other system's own key) or the name with the birth date. `minutes` is
    None when not told. `status` is FHIR's; `practitioner` is a code or a name.
    """

    start: datetime
    practitioner: str | None
    mrn: str | None = None
    patient_id: str | None = None
    family: str | None = None
    given: str | None = None
    birth_date: date | None = None
    minutes: int | None = None
    visit_type: str | None = None
    status: str = "booked"
    confirmed: bool = False
    location: str | None = None
    room: str | None = None
    note: str | None = None
    source_id: str | None = None


@dataclass(frozen=True, slots=True)
class TakenVisit:
    """A row that can be stored; `told` has sentences about what was changed or left out of it."""

    line: int
    row: AppointmentRow
    told: tuple[str, ...] = ()


def rows_to_appointments(
    table: Table, mapping: Mapping, order: str, region: str = "US", *, today: date
) -> Iterator[TakenVisit | Skipped]:
    """Return each row as an appointment or as left out, in the file's order.

    `order` is the date order of the whole file; `today` is the clinic's date.
    """
    reader = _VisitReader(mapping, order, today)
    for row in table:
        yield _try(row, reader)


def _try(row: Row, reader: "_VisitReader") -> TakenVisit | Skipped:
    try:
        cells = Cells(row, reader.mapping)
        return TakenVisit(row.line, reader.read(cells), tuple(cells.told))
    except (Rejected, Unreadable) as refusal:
        return Skipped(row.line, sentence(str(refusal)), shown(row, reader.mapping))


class _VisitReader:
    """Reads rows of one table with one mapping."""

    def __init__(self, mapping: Mapping, order: str, today: date) -> None:
        self.mapping, self.order, self.today = mapping, order, today

    def read(self, cells: Cells) -> AppointmentRow:
        """Return the row as an appointment; raise Rejected or Unreadable."""
        mrn, patient_id, family, given, born = self._patient(cells)
        start = self._start(cells)
        practitioner = cells.one("practitioner")
        if practitioner is None:
            raise Rejected("there is no provider")
        word = cells.one("status") or ""
        return AppointmentRow(
            start=start,
            practitioner=_reference(practitioner),
            mrn=mrn,
            patient_id=patient_id,
            family=family,
            given=given,
            birth_date=born,
            minutes=self._minutes(cells, start),
            visit_type=cells.coded("visit_type", lambda typed: typed),
            status=self._status(cells),
            confirmed=csv_words.is_confirmed(word),
            location=cells.one("location"),
            room=cells.one("room"),
            note="; ".join(cells.all("note")) or None,
            source_id=number(cells, "source_id"),
        )

    def _patient(
        self, cells: Cells
    ) -> tuple[str | None, str | None, str | None, str | None, date | None]:
        """Return record number, other key, family, given and birth date of the patient."""
        mrn, key = number(cells, "patient_mrn"), number(cells, "patient_id")
        family, given = cells.name("family"), cells.name("given")
        whole = cells.one("name")
        if (either := cells.one("patient")) and not (mrn or key):
            if any(c.isdigit() for c in either):
                key = _reference(either)
            else:
                whole = whole or either
        if family is None and whole and not (mrn or key):
            family, given, _, _ = tidy_whole_name(whole, self.mapping.name_order)
        born = past_day(cells, "birth_date", "birth date", self.order, self.today)
        if not (mrn or key or (family and born)):
            raise Rejected("there is no patient number, and no name with a birth date")
        return mrn, key, family, given, born

    def _start(self, cells: Cells) -> datetime:
        text = cells.one("start") or cells.one("date")
        if text is None:
            raise Rejected("there is no day of the visit")
        moment = parse_date(text, self.order, today=self.today, past=False)
        clock, offset = moment.clock, moment.offset
        typed = cells.one("time")
        if typed and (clock is None or clock == time()):
            clock, offset = self._clock(typed)
        if clock is None:
            raise Rejected("there is no time of the visit")
        if moment.told:
            cells.told.append(moment.told)
        return datetime.combine(moment.day, clock, offset)

    def _clock(self, text: str) -> tuple[time, tzinfo | None]:
        """Return the time in a cell that may also hold a date, as spreadsheets write it."""
        try:
            return parse_clock(text)
        except Unreadable as no_time:
            with suppress(Unreadable):
                moment = parse_date(text, self.order, today=self.today, past=False)
                if moment.clock is not None:
                    return moment.clock, moment.offset
            raise no_time from None

    def _minutes(self, cells: Cells, start: datetime) -> int | None:
        told = cells.one("minutes")
        if told is not None and not is_empty(told):
            return _length(told)
        text = cells.one("end") or cells.one("end_time")
        if text is None or is_empty(text):
            if told is not None:
                cells.told.append(f'The length "{told[:40]}" is none; the usual one was taken.')
            return None
        minutes = (self._end(text, start) - start) // timedelta(minutes=1)
        if not 0 < minutes <= LONGEST:
            raise Rejected(f'the end "{text[:40]}" is not after the start on the same day')
        return minutes

    def _end(self, text: str, start: datetime) -> datetime:
        try:
            clock, offset = parse_clock(text)
            day = start.date()
        except Unreadable:
            moment = parse_date(text, self.order, today=self.today, past=False)
            if moment.clock is None:
                raise Rejected(f'the end "{text[:40]}" has no time') from None
            day, clock, offset = moment.day, moment.clock, moment.offset
        zone = None if start.tzinfo is None else offset or start.tzinfo
        return datetime.combine(day, clock, zone)

    def _status(self, cells: Cells) -> str:
        """Return FHIR's status; a word not known is refused, for it could mean cancelled."""
        if cells.one("status") is None:
            return "booked"
        status = cells.coded("status", csv_words.status)
        if status is None:
            raise Rejected(cells.told[-1])
        return status


def _length(text: str) -> int:
    """Return minutes from "30", "30 min", "0:30", "PT30M" or "1 h"."""
    plain = text.strip().casefold()
    if found := MINUTES.fullmatch(plain):
        minutes = int(found[1])
    elif found := HOURS_AND_MINUTES.fullmatch(plain) or HOURS.fullmatch(plain):
        minutes = int(found[1]) * 60 + int(found[2] or 0)
    else:
        minutes = 0
    if not 0 < minutes <= LONGEST:
        raise Rejected(f'"{text[:40]}" is not a length in minutes')
    return minutes


def _reference(text: str) -> str:
    """Return what a FHIR reference points at: "Patient/123" is 123."""
    return re.sub(r"^(?:[A-Za-z]+/|urn:uuid:)(?=\S+$)", "", text)
