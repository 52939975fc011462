"""What opens over the lab at a key: each full screen is declared once, above the function that opens it."""

from epochal.tui.lab.full_screens import judging, looking_inside, recorded, tables
from epochal.tui.lab.full_screens.declaration import FullScreen

FULL_SCREENS: dict[str, FullScreen] = {
    screen.name: screen
    for room in (looking_inside, judging, tables, recorded)
    for screen in vars(room).values()
    if isinstance(screen, FullScreen)
}
"""By name, in the order in which help and README list them: that of the modules, and of the lines in each."""
