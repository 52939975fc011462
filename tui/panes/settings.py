"""The Settings pane: every hyperparameter with its bounds, and the network that comes of them."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive

from epochal.core.network.network import describe
from epochal.core.network.output_kind import kind_for
from epochal.core.presets import AUTO, PRESETS
from epochal.core.setting_types import Declaration
from epochal.core.settings import DECLARATIONS, Settings, read_settings, setting_errors, written
from epochal.core.training.size import layers_at_most, size_in_words
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.options import Reading
from epochal.tui.reporting.equivalent_command import command_for
from epochal.tui.reporting.settings_words import changed_names
from epochal.tui.runner.run import Run
from epochal.tui.runner.settings_search import Automatic
from epochal.tui.widgets.form import Form
from epochal.tui.widgets.form_lines import Field
from epochal.tui.widgets.plain_lines import Lines

PRESET = "preset"
CUSTOM = "your own"


class SettingsPane(Vertical):
    """A form made from the declarations. It owns the texts that are typed, and the lab the settings.

    `Changed` tells that other settings are `typed`, as soon as all of them are right.
    """

    dataset: reactive[Dataset | None] = reactive(None)
    reading: reactive[Reading] = reactive[Reading](Reading)
    settings: reactive[Settings] = reactive[Settings](Settings, init=False, repaint=False)
    automatic: reactive[Automatic | None] = reactive[Automatic | None](None, init=False, repaint=False)
    run_shown: reactive[Run | None] = reactive(None, init=False, repaint=False)

    class Changed(Message):
        """Something is typed and all of it is right; by now perhaps more."""

    def __init__(self, settings: Settings, automatic: Automatic | None = None) -> None:
        super().__init__(id="settings", classes="pane")
        self.border_title = "2 Settings"
        self.border_subtitle = "enter or digits edit  left, right choose  u undoes"
        self.form = Form(id="settings-form")
        self.set_reactive(SettingsPane.settings, settings)
        self.set_reactive(SettingsPane.automatic, automatic)
        self._explanation = Lines(id="explanation")
        fields = [Field(PRESET, "Preset", "left and right choose", (AUTO, *PRESETS, CUSTOM))]
        fields += [Field(d.name, d.title, d.sentence, d.choices) for d in DECLARATIONS.values()]
        self.form.show(fields, {PRESET: CUSTOM, **_texts(settings)})
        self._tell_preset()

    def compose(self) -> ComposeResult:
        """The form above, what it makes and what the field means below."""
        yield self.form
        yield self._explanation

    def watch_dataset(self) -> None:
        """Another table makes another network."""
        self._explain()

    def watch_reading(self) -> None:
        """The same table, read otherwise, makes another command."""
        self._explain()

    def watch_settings(self, settings: Settings) -> None:
        """Show other settings, unless they are what is typed."""
        if self.typed != settings:
            self._write(settings)
        self._tell_preset()
        self._mark_changed()
        self._explain()

    def watch_automatic(self) -> None:
        """Name the preset, and what is kept."""
        self._tell_preset()
        self._explain()

    def watch_run_shown(self) -> None:
        """Another run was trained with other settings."""
        self._mark_changed()

    def _mark_changed(self) -> None:
        """Mark the settings that are others than the run's."""
        run = self.run_shown
        self.form.mark(changed_names(self.settings, run.settings) if run else ())

    def _write(self, settings: Settings) -> None:
        for name, text in _texts(settings).items():
            self.form.set_text(name, text)
        self.form.set_errors({})

    @property
    def typed(self) -> Settings | None:
        """The settings as typed, unless one of them is wrong."""
        return None if self._errors() else read_settings(self._typed_values())

    @property
    def typed_automatic(self) -> Automatic | None:
        """Whether settings are to be found, with what has been typed since among those that stay."""
        if self.form.texts[PRESET] != AUTO:
            return None
        typed, before = self.typed, self.automatic or Automatic()
        new = {name for name in DECLARATIONS if getattr(typed, name) != getattr(self.settings, name)}
        return replace(before, fixed=before.fixed | new)

    def go_to_error(self) -> None:
        """Put the cursor on the first setting that is wrong, and say what is wrong with it."""
        errors = self._errors()
        self.form.set_errors(errors)
        self.form.go_to(next(iter(errors)))
        self._explain()

    @on(Form.Changed)
    def _typed(self, event: Form.Changed) -> None:
        event.stop()
        if event.name == PRESET:
            if event.text == AUTO:
                self.post_message(self.Changed())
            elif event.text in PRESETS:
                preset = PRESETS[event.text].model_copy(update={"seed": self.settings.seed})
                self._write(preset)
                self.post_message(self.Changed())
        else:
            self._take()

    @on(Form.Moved)
    def _moved(self, event: Form.Moved) -> None:
        event.stop()
        self._explain()

    def _errors(self) -> dict[str, str]:
        errors = setting_errors(self._typed_values())
        return {name: errors[name] for name in DECLARATIONS if name in errors}

    def _typed_values(self) -> dict[str, object]:
        return {name: text for name, text in self.form.texts.items() if name != PRESET}

    def _take(self) -> None:
        self.form.set_errors(self._errors())
        if self.typed:
            self.post_message(self.Changed())
        self._tell_preset()
        self._explain()

    def _tell_preset(self) -> None:
        typed = self.typed
        bare = typed.model_copy(update={"seed": 0}) if typed else None
        names = [name for name, preset in PRESETS.items() if preset == bare]
        if self.automatic:
            names.insert(0, AUTO)
        self.form.set_text(PRESET, names[0] if names else CUSTOM)

    def _explain(self) -> None:
        lines = []
        field = self.form.current
        if field and field.name in DECLARATIONS:
            wrong = self.form.errors.get(field.name)
            lines.append(f"{wrong}." if wrong else _explained(DECLARATIONS[field.name]))
        elif field:
            lines.append("A preset fills in every field but the seed; auto finds them for the table.")
        if self.automatic:
            lines.append(automatic_in_words(self.automatic))
        if self.dataset and (typed := self.typed):
            fixed = self.automatic.fixed if self.automatic else None
            lines.append(network_in_words(self.dataset, typed))
            lines.append(command_for(self.dataset, typed, self.reading, fixed))
        self._explanation.write(lines)


def automatic_in_words(automatic: Automatic) -> str:
    """What t does with these settings."""
    fixed = [DECLARATIONS[name].title for name in DECLARATIONS if name in automatic.fixed]
    kept = f" {', '.join(fixed)} {'stays' if len(fixed) == 1 else 'stay'} as typed." if fixed else ""
    return f"Automatic: t first finds settings that fit the table, on its training rows alone.{kept}"


def _explained(declared: Declaration) -> str:
    """What the setting is, what is usual, and what too high and too low look like; choices stand beside."""
    allowed = "" if declared.choices else f" May be {declared.allowed}."
    return f"{declared.title}: {declared.sentence} {declared.advice}{allowed}"


def network_in_words(dataset: Dataset, settings: Settings) -> str:
    """The network these settings make for this table; the inputs it will have at most."""
    examples = dataset.examples
    try:
        kind = kind_for(examples, settings.activation, settings.loss)
        layers = layers_at_most(examples, settings)
    except ValueError as error:
        return str(error)
    told = describe(layers, settings.activation, kind)
    size = size_in_words(layers, settings, len(examples))
    return f"{told}. {size}" if size else told


def _texts(settings: Settings) -> dict[str, str]:
    return {name: written(getattr(settings, name)) for name in DECLARATIONS}
