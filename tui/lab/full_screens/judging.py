"""Full screens that judge settings: cross-validation, search, seeds; and the tutorial's defects."""

from __future__ import annotations

from epochal.tui.lab.full_screens.declaration import full_screen
from epochal.tui.lab.lab import Lab


async def _may_study(lab: Lab, question: str) -> bool:
    """Whether settings may be studied now; a run that still trains is stopped if the person says so."""
    if not await lab.may_stop(question) or lab.dataset is None or lab.wrong_setting():
        return False
    if lab.run_shown:
        lab.run_shown.stop()
    return True


@full_screen(
    "g",
    "Find settings",
    "search settings on the training rows, longer than t does, and rank them; or values of your own",
    group="Judge",
    words="search hyperparameter grid tune best automatic leaderboard budget",
)
async def search(lab: Lab) -> None:
    """Find settings that suit the table, on its training rows."""
    from epochal.tui.screens.leaderboard import GRID, LeaderboardScreen
    from epochal.tui.screens.search import SearchScreen

    if not await _may_study(lab, "Stop this run and look for settings?") or lab.dataset is None:
        return
    fixed = lab.automatic.fixed if lab.automatic else frozenset[str]()
    made = await lab.push_screen_wait(LeaderboardScreen(lab.dataset, lab.settings, fixed, lab.gate, lab.pool))
    if made == GRID:
        found = await lab.push_screen_wait(SearchScreen(lab.dataset, lab.settings, lab.gate, lab.pool))
        if found:
            lab.change_settings(found)
    elif made:
        lab.train_found(made)


@full_screen(
    "c",
    "Cross-validate",
    "judge the settings on every row, fold by fold",
    group="Judge",
    words="folds validation repeats k-fold csv accuracy",
)
async def validation(lab: Lab) -> None:
    """Judge the settings on every row, fold by fold."""
    from epochal.tui.screens.cross_validation import ValidationScreen

    if await _may_study(lab, "Stop this run and cross-validate?") and lab.dataset:
        await lab.push_screen_wait(ValidationScreen(lab.dataset, lab.settings, lab.gate, lab.pool))


@full_screen(
    "f",
    "Seed study",
    "the same settings from 16 seeds; again after a change: does it beat seed noise?",
    group="Judge",
    words="seeds random variance band luck noise compare",
)
async def fan(lab: Lab) -> None:
    """The same settings from many seeds; the next one is compared with this."""
    from epochal.tui.screens.seed_study import SeedStudyScreen

    if await _may_study(lab, "Stop this run and train from 16 seeds?") and lab.dataset:
        lab.seed_study = await lab.push_screen_wait(
            SeedStudyScreen(lab.dataset, lab.settings, lab.gate, lab.pool, lab.seed_study)
        )


@full_screen(
    "a",
    "Article",
    "why a tutorial prints 62 %, defect by defect",
    group="Judge",
    words="tutorial 62 percent defects mistakes repairs story",
)
def article(lab: Lab) -> None:
    """Why a tutorial prints 62.00 %, defect by defect."""
    from epochal.tui.screens.article.screen import ArticleScreen

    lab.push_screen(ArticleScreen(lab.gate))
