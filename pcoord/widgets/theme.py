"""The desk's colours: the terminal's own sixteen, and nothing that only colour tells."""

from textual.theme import Theme

NAME = "desk"


def desk_theme() -> Theme:
    """Return the theme to register and choose in the app.

    Foreground and background stay the terminal's, so plain text needs no colour codes.
    """
    default = "ansi_default"
    return Theme(
        name=NAME,
        ansi=True,
        primary="ansi_blue",
        secondary="ansi_cyan",
        warning="ansi_yellow",
        error="ansi_red",
        success="ansi_green",
        accent="ansi_cyan",
        foreground=default,
        background=default,
        surface=default,
        panel=default,
        boost=default,
        variables={
            "ansi-background": "ansi_black",
            "ansi-foreground": "ansi_white",
            "border-blurred": default,
            "block-cursor-foreground": default,
            "block-cursor-background": default,
            "block-cursor-text-style": "reverse",
            "input-cursor-background": default,
            "input-cursor-foreground": default,
            "input-cursor-text-style": "reverse",
            "input-selection-background": default,
            "input-selection-foreground": default,
            "screen-selection-background": default,
            "screen-selection-foreground": default,
        },
    )
