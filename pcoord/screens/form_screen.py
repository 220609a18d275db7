"""A form over the whole screen: walked with Tab, kept as a draft, refused field by field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widget import Widget

from pcoord.domain.errors import Overtaken
from pcoord.widgets.form import Form
from pcoord.widgets.key_footer import KeyFooter
from pcoord.widgets.notice import Notice
from pcoord.widgets.over import Over
from pcoord.widgets.picker import Candidate, Picker
from pcoord.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.domain.errors import DeskError
    from pcoord.services.desk import Desk
    from pcoord.services.session import Kept

FOOTER = [("^D", "save"), ("Tab", "next"), ("Esc", "keep for later")]
MORE = ("PgDn", "more")
OFFERED = [("^T", "bring back"), ("^X", "throw away")]
THROW_AWAY = "throw away"


@dataclass
class Draft:
    """What a form is about: `key` names its draft, `seen` is the version that was shown.

    `new_id` is the key of something new, made before the first try, so that saving again, or from
    another window, stores nothing twice.
    """

    key: str
    patient_id: str | None = None
    seen: int | None = None
    about: str = ""
    values: dict[str, str] = field(default_factory=dict)
    new_id: str | None = None


class FormScreen(Over[None]):
    """Tab walks, PgDn turns the page, ^D saves; Esc keeps what is typed for later.

    A subclass names where its drafts are kept (`DRAFTS`), reads a field alone with `wrong_with`,
    stores with `store`, and answers its own questions in `chose`.
    """

    DEFAULT_CSS = """
    FormScreen { background: ansi_default; }
    FormScreen Picker { display: none; }
    FormScreen.choosing Picker { display: block; }
    """
    AUTO_FOCUS = ""
    DRAFTS: ClassVar[str] = ""
    MERGES: ClassVar[bool] = False
    """Whether both versions are brought together when somebody else was quicker (`theirs`)."""
    BINDINGS: ClassVar = [
        # Taken before the fields see them, so that keys sent in one go land where they belong.
        Binding("tab", "app.focus_next", priority=True),
        Binding("shift+tab", "app.focus_previous", priority=True),
        Binding("pagedown", "turn(1)", priority=True),
        Binding("pageup", "turn(-1)", priority=True),
        Binding("ctrl+d", "save", priority=True),
        Binding("ctrl+t", "bring_back", priority=True),
        Binding("ctrl+x", "throw_away", priority=True),
        Binding("escape", "leave", priority=True),
    ]
    app: "PcoordApp"

    def __init__(self, draft: Draft, form: Form, title: str, wanted: str = "") -> None:
        super().__init__()
        self._wanted = wanted
        self.draft = draft
        self.form = form
        self.title_of_form = title
        self.status = StatusLine()
        self.picker = Picker()
        self.notice = Notice()
        self.footer = KeyFooter()
        self._user_id: str | None = None
        self._field: str | None = None
        self._changed = False
        self._saving = False
        self._kept: list[Kept] = []

    def compose(self) -> ComposeResult:
        """Compose the fields, what stands under them, and the question when there is one."""
        yield self.status
        yield self.form
        yield from self.beneath()
        yield self.picker
        yield self.notice
        yield self.footer

    def beneath(self) -> Sequence[Widget]:
        """Return what stands under the fields."""
        return ()

    def on_mount(self) -> None:
        """Go to the first field that the person must still fill."""
        desk, session = self.app.desk, self.app.session
        assert desk is not None and session is not None
        self._user_id = desk.who.user_id
        self._say_page()
        self.show_keys()
        self.form.focus_field(self.first_field())
        session.drafts(self._offer)

    def on_resize(self) -> None:
        """Turn no pages where there is room for all fields."""
        if self.form.make_room(self.app.size.height) and self._user_id:
            self._say_page()
            self.show_keys()

    def on_screen_resume(self) -> None:
        """What one person half typed is not shown to the next one."""
        desk = self.app.desk
        if self._user_id and desk is not None and desk.who.user_id != self._user_id:
            self.dismiss()

    @property
    def awaits_answer(self) -> bool:
        """Tell whether it is being stored; the next key is for what comes then."""
        return self._saving

    # What a form of its own says

    def first_field(self) -> str | None:
        """Return the field to begin with, None for the first one."""
        return None

    def wrong_with(self, key: str, text: str) -> str:
        """Return what is wrong with a field read alone, "" when nothing is."""
        return ""

    def store(self, values: dict[str, str]) -> None:
        """Store what is typed; ends in `saved` or `refused`."""
        raise NotImplementedError

    def is_mine(self, kept: "Kept") -> bool:
        """Tell whether a kept draft belongs to this form."""
        return kept.object_key == self.draft.key

    def say_kept(self, values: Mapping[str, str]) -> str:
        """Return what a kept draft holds, in few words."""
        return next(filter(None, values.values()), "nothing yet")

    def keys(self) -> list[tuple[str, str]]:
        """Return the keys of the footer."""
        return [*FOOTER[:2], *([MORE] if self.form.pages > 1 else []), *FOOTER[2:]]

    def chose(self, key: str) -> None:
        """Do what was chosen to a question of this form's own."""

    # The top and the bottom line

    def _say_page(self) -> None:
        desk = self.app.desk
        assert desk is not None
        of = f"page {self.form.page + 1}/{self.form.pages}" if self.form.pages > 1 else ""
        facts = (of, desk.clinic.name, desk.who.username)
        self.status.set(self.title_of_form, self.draft.about, facts)

    def show_keys(self) -> None:
        """Show the keys, with those of a kept draft while there is one."""
        self.footer.set([*self.keys(), *(OFFERED if self._kept else [])])

    def action_turn(self, step: int) -> None:
        """Turn to another page of fields; nothing is lost. A question turns its own pages."""
        if self.has_class("choosing"):
            raise SkipAction
        if self.form.turn(step):
            self._say_page()

    # Drafts

    def keep(self) -> None:
        """Keep what is typed, for this form to be opened with it again."""
        if self._changed:
            self.app.keep(self.DRAFTS, self.draft.key, self.content())

    def content(self) -> dict[str, Any]:
        """Return what is kept: the fields, where one is, and the version that was shown."""
        return {
            "values": self.form.values(),
            "field": self.form.current or self._field,
            "seen": self.draft.seen,
            "base": self.draft.values,
            "patient_id": self.draft.patient_id,
            "new_id": self.draft.new_id,
        }

    def _offer(self, drafts: "Sequence[Kept]") -> None:
        """Say which half-typed form can be brought back."""
        mine = [kept for kept in drafts if kept.screen == self.DRAFTS and self.is_mine(kept)]
        self._kept = mine
        if self._wanted:
            # A form may be the newest draft of several: the one that was asked for comes first.
            self._kept.sort(key=lambda kept: kept.object_key != self._wanted)
            self._wanted = ""
            self.action_bring_back()
            return
        self.show_keys()
        if mine and not self._changed:
            self.notice.say(self._say_draft(mine[0]))

    def _say_draft(self, kept: "Kept") -> str:
        from pcoord.domain.dates import say_day, say_time

        desk = self.app.desk
        assert desk is not None
        at = desk.clinic.local(kept.updated_at)
        day = "" if at.date() == desk.today else f"{say_day(at.date(), desk.today)} "
        held = self.say_kept(kept.content.get("values", {}))
        return f"Half typed {day}{say_time(at.time())}: {held}. ^T brings it back."

    def action_bring_back(self) -> None:
        """Go on with what was half typed."""
        if not self._kept:
            return
        kept = self._kept.pop(0)
        if self._changed:
            self.keep()
        self.draft.key, self.draft.seen = kept.object_key, kept.content.get("seen")
        self.draft.new_id = kept.content.get("new_id") or self.draft.new_id
        self.draft.values = kept.content.get("base", self.draft.values)
        self.form.set_values(kept.content.get("values", {}))
        self.form.focus_field(kept.content.get("field"))
        self._say_page()
        self._changed = True
        self.notice.say("Brought back as it was typed.")
        self.show_keys()
        self.brought_back()

    def brought_back(self) -> None:
        """Look at what a draft brought back, where a form does."""

    def action_throw_away(self) -> None:
        """Ask whether what was half typed may go."""
        if self._kept:
            asked = f"{self._say_draft(self._kept[0]).split('. ')[0]}. Throw it away?"
            self.ask(asked, [Candidate(THROW_AWAY, "yes, throw it away")])

    def _thrown_away(self) -> None:
        self.app.keep(self.DRAFTS, self._kept.pop(0).object_key, None)
        self.choosing(False)
        self.show_keys()
        self.notice.say("Thrown away.")

    def action_leave(self) -> None:
        """Esc closes a question, or the form; what is typed is kept."""
        if self.has_class("choosing"):
            self.choosing(False)
            return
        self.keep()
        self.app.pop_screen()
        if self._changed:
            self.app.notice("Kept as half typed; it is offered when this form is opened again.")

    # Filling

    @on(Form.Changed)
    def _typed(self, event: Form.Changed) -> None:
        self._changed = True
        self._field = event.key
        if self.form.refused(event.key):
            # What was refused is read anew with every key, until it is right.
            self.form.mark(event.key, self.wrong_with(event.key, event.value))
        self.keep()
        self.typed(event.key)

    def typed(self, key: str) -> None:
        """A field holds another text."""

    @on(Form.Left)
    def _left(self, event: Form.Left) -> None:
        """Read a field as soon as one goes on; what was never typed is not held against one."""
        if event.touched:
            self.form.mark(event.key, self.wrong_with(event.key, event.value))

    # Saving

    @on(Form.Finished)
    def _finished(self) -> None:
        self.action_save()

    def action_save(self) -> None:
        """Store it, once the fields have taken all that was typed before."""
        if not self._saving and not self.has_class("choosing"):
            self._saving = True
            self._field = self.form.current or self._field
            (self.focused or self).call_later(self.save)

    def save(self) -> None:
        """Store what is typed; refusals are said field by field."""
        self._saving = True
        self.form.clear_errors()
        self.notice.clear()
        self.store(self.form.values())

    def act(self, change: "Callable[[Any], Any]") -> None:
        """Run the change; it ends in `saved` or `refused`."""
        self.app.act(change, self._stored, self.refused, merges=self.MERGES)

    def _stored(self, step: Any) -> None:
        self.app.keep(self.DRAFTS, self.draft.key, None)
        self._changed = False
        in_sight = self.app.screen is self
        self.app.close_screen(self)
        if in_sight:
            self.saved(step)
        self.app.notice(step.said, undo=True)

    def saved(self, step: Any) -> None:
        """Show what was stored, unless one went on to something else meanwhile."""

    def refused(self, error: "DeskError") -> None:
        """Say what is wrong, at the fields where it is theirs."""
        self._saving = False
        fields: Mapping[str, str] | None = getattr(error, "fields", None)
        if isinstance(error, Overtaken) and self.MERGES:
            self.app.ask("theirs", self.theirs, lambda now: self._show_both(error, *now))
        elif fields:
            for key, sentence in reversed(list(fields.items())):
                self.form.set_error(key, sentence)
            self._say_page()
        else:
            self.notice.refuse(error.sentence)

    def theirs(self, desk: "Desk") -> tuple[int, dict[str, str]]:
        """Return version and fields as they stand now; a form that `MERGES` overrides it."""
        raise NotImplementedError

    def _show_both(self, overtaken: Overtaken, seen: int, theirs: dict[str, str]) -> None:
        """Take in what only they changed; where both did, theirs stands below what is typed."""
        base, mine = self.draft.values, self.form.values()
        apart = {
            key: theirs.get(key, "")
            for key, text in mine.items()
            if theirs.get(key, "") not in (text, base.get(key, ""))
        }
        untouched = {key: text for key, text in apart.items() if mine[key] == base.get(key, "")}
        self.form.set_values(untouched)
        for key in reversed([key for key in apart if key not in untouched]):
            self.form.set_error(key, f"is now: {apart[key] or 'empty'}")
        self.draft.seen, self.draft.values = seen, theirs
        self.keep()
        rest = "Theirs stands below yours" if len(apart) > len(untouched) else "Theirs is taken in"
        self.notice.refuse(f"{overtaken.theirs} {rest}; ^D stores yours.")

    # Questions

    def ask(self, question: str, choices: list[Candidate]) -> None:
        """Ask, with nothing chosen; the key that saved does nothing here."""
        self.picker.ask(question, choices)
        self.choosing(True)

    def choosing(self, on: bool) -> None:
        """Show the question, or go back to the field."""
        self.set_class(on, "choosing")
        if on:
            self.picker.focus()
        else:
            self.form.focus_field(self._field or self.first_field())

    @on(Picker.Chosen)
    def _chosen(self, event: Picker.Chosen) -> None:
        if event.key == THROW_AWAY:
            self._thrown_away()
        else:
            self.chose(event.key)
