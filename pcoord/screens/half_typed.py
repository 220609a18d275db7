"""What was half typed when a desk went away: offered in one sentence at the next sign-in.

Calls come back with their own key. Everything else (a typed line, a form, a check-in) comes back
with the key of the palette, the newest first.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from pcoord.actions import ACTIONS, EVERYWHERE, Selection
from pcoord.keymap import key_name

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.services.session import Kept

LINE, CHECK_IN, FORM, ENTRY = "line", "check-in", "register", "record"
"""Where drafts of typed lines, check-ins, forms and entries of a record are kept."""

OFFERED_FOR = {LINE: timedelta(days=1), CHECK_IN: timedelta(hours=1), FORM: timedelta(days=1)}
OFFERED_FOR[ENTRY] = timedelta(days=1)
"""How long each is offered by itself. Who stood at the desk an hour ago is asked anew."""

_SHOWN = 40


class HalfTyped:
    """The drafts of the signed-in person that nothing shows yet."""

    def __init__(self, app: "PcoordApp") -> None:
        self.app = app
        self._user_id: str | None = None
        self._kept: list[Kept] = []
        self._said = ""

    def begin(self) -> None:
        """Somebody signed in: offer their drafts, and nobody else's."""
        desk, session = self.app.desk, self.app.session
        if desk is None or session is None or desk.who.user_id == self._user_id:
            return
        self._user_id = desk.who.user_id
        self._kept = []
        session.drafts(self._offer)

    def _offer(self, drafts: "list[Kept]") -> None:
        sentences = [self.app.in_hand.offer(drafts)]
        known = [kept for kept in drafts if kept.screen in OFFERED_FOR]
        self._kept = [kept for kept in known if self._is_fresh(kept)]
        for kept in known:
            if kept not in self._kept and kept.screen not in (FORM, ENTRY):
                self.app.keep(kept.screen, kept.object_key, None)
        if self._kept:
            self._said = self._say()
            sentences.append(self._said)
        said = " ".join(filter(None, sentences))
        if said:
            self.app.notice(said)

    def _is_fresh(self, kept: "Kept") -> bool:
        return self.app.clock.now() - kept.updated_at <= OFFERED_FOR[kept.screen]

    def _say(self) -> str:
        named = [_SAYS[kept.screen](kept.content) for kept in self._kept]
        key = key_name(self.app.keys.label("palette.open", EVERYWHERE))
        what = "; ".join(named[:3]) + (f"; {len(named) - 3} more" if len(named) > 3 else "")
        again = "goes on with it" if len(named) == 1 else "goes on with them in turn"
        return f"Not finished: {what}. {key} {again}."

    @property
    def newest(self) -> str:
        """Return what would be gone on with first, "" when there is nothing."""
        return _SAYS[self._kept[0].screen](self._kept[0].content) if self._kept else ""

    @property
    def in_sight(self) -> bool:
        """Tell whether the sentence that offers them still stands on the screen."""
        screen = self.app.desk_screen
        return bool(self._said) and screen is not None and self._said in screen.notice.sentence

    def bring_back(self) -> bool:
        """Go on with the newest of them; False when there is none."""
        if not self._kept:
            return False
        kept = self._kept.pop(0)
        self._OPENS[kept.screen](self, kept)
        return True

    def keep_line(
        self,
        key: str,
        action_id: str | None,
        text: str,
        selection: Selection,
        picked: dict[str, Any],
    ) -> None:
        """Keep a typed line beside the typing."""
        about = asdict(selection)
        content = {"action": action_id, "text": text, "selection": about, "picked": picked}
        self.app.keep(LINE, key, content)

    def let_line_go(self, key: str) -> None:
        """Let a typed line go, that was done or left."""
        self.app.keep(LINE, key, None)

    def _open_line(self, kept: "Kept") -> None:
        content = kept.content
        self.app.open_line(
            content.get("action"),
            Selection(**content.get("selection", {})),
            content.get("text", ""),
            picked=content.get("picked"),
            draft_key=kept.object_key,
        )

    def _open_check_in(self, kept: "Kept") -> None:
        from pcoord.screens.check_in import open_for

        open_for(self.app, kept.content["values"], kept.content)

    def _open_form(self, kept: "Kept") -> None:
        from pcoord.screens.register import bring_back

        bring_back(self.app, kept)

    def _open_entry(self, kept: "Kept") -> None:
        from pcoord.screens.record import bring_back

        bring_back(self.app, kept)

    _OPENS: ClassVar[dict[str, Callable[["HalfTyped", "Kept"], None]]] = {
        LINE: _open_line,
        CHECK_IN: _open_check_in,
        FORM: _open_form,
        ENTRY: _open_entry,
    }


def _say_line(content: dict[str, Any]) -> str:
    action = ACTIONS.get(content.get("action") or "")
    text = " ".join(filter(None, (action.verb if action else "", content.get("text", ""))))
    return f"“{text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}”"


def _say_check_in(content: dict[str, Any]) -> str:
    return f"check-in of {content.get('name', '')}"


def _say_form(content: dict[str, Any]) -> str:
    values = content.get("values", {})
    name = ", ".join(filter(None, (values.get("family"), values.get("given")))) or "no name yet"
    what = "changes to" if content.get("patient_id") else "new patient"
    return f"{what} {name[:_SHOWN]}"


def _say_entry(content: dict[str, Any]) -> str:
    return f"{content.get('part', 'entry')} for {content.get('about', '')[:_SHOWN]}"


_SAYS: dict[str, Callable[[dict[str, Any]], str]] = {
    LINE: _say_line,
    CHECK_IN: _say_check_in,
    FORM: _say_form,
    ENTRY: _say_entry,
}
