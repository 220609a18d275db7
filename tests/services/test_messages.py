"""Messages on both engines: left for a practitioner, done once, taken back."""

import pytest

from pcoord.domain.errors import NotPermitted, Refused
from pcoord.services import calls, messages, steps
from pcoord.services.desk import Desk
from tests.clinic import Clinic


def send(clinic: Clinic, desk: Desk, text: str = "please call about labs") -> str:
    step = messages.send(
        desk,
        practitioner_id=desk.clinic.practitioner("LEE").id,
        text=text,
        patient_id=clinic.patient(desk, "10443"),
        due=clinic.at(16),
    )
    assert step.said == "Message to LEE about Kim, Dana, by Tue 24 Nov 16:00."
    return str(step.id)


def test_a_message_waits_until_it_is_done(clinic: Clinic, desk: Desk) -> None:
    made = send(clinic, desk)
    assert [row.text for row in calls.load_log(desk, "messages").rows] == ["please call about labs"]
    assert messages.done(desk, message_id=made, seen=1).said == "Message done about Kim, Dana."
    assert calls.load_log(desk, "messages").rows == []
    with pytest.raises(Refused, match="done already"):
        messages.done(desk, message_id=made)
    steps.undo_last(desk)
    assert len(calls.load_log(desk, "messages").rows) == 1


def test_an_empty_message_is_refused(clinic: Clinic, desk: Desk) -> None:
    with pytest.raises(Refused, match="what the message says"):
        messages.send(desk, practitioner_id=desk.clinic.practitioner("LEE").id, text=" ")


def test_a_read_only_person_sends_nothing(clinic: Clinic) -> None:
    with pytest.raises(NotPermitted):
        send(clinic, clinic.desk("eve"))
