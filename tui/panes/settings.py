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
from epochal.core.rows.preparation import MOST_LEVELS
from epochal.core.settings import DECLARATIONS, Settings, read_settings, setting_errors, written
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.options import Reading
from epochal.tui.reporting.equivalent_command import command_for
from epochal.tui.runner.settings_search import Automatic
from epochal.tui.widgets.form import Form
from epochal.tui.widgets.form_lines import Field
from epochal.tui.widgets.plain_lines import Lines

PRESET = "preset"
CUSTOM = "your own"


class SettingsPane(Vertical):
    """A form made from the declarations. It owns the texts that are typed, and the lab the settings.

    `Changed` carries what is typed as soon as all of it is right.
    """

    dataset: reactive[Dataset | None] = reactive(None)
    reading: reactive[Reading] = reactive[Reading](Reading)
    settings: reactive[Settings] = reactive[Settings](Settings, init=False, repaint=False)
    automatic: reactive[Automatic | None] = reactive[Automatic | None](None, init=False, repaint=False)

    class Changed(Message):
        """All settings are right, and these; `automatic` says what of them stays in a search for others."""

        def __init__(self, settings: Settings, automatic: Automatic | None) -> None:
            super().__init__()
            self.settings, self.automatic = settings, automatic

    def __init__(self, settings: Settings, automatic: Automatic | None = None) -> None:
        super().__init__(id="settings", classes="pane")
        self.border_title = "2 Settings"
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
        if self._errors() or self.typed != settings:
            self._write(settings)
        self._tell_preset()
        self._explain()

    def watch_automatic(self) -> None:
        """Name the preset, and what is kept."""
        self._tell_preset()
        self._explain()

    def _write(self, settings: Settings) -> None:
        for name, text in _texts(settings).items():
            self.form.set_text(name, text)
        self.form.set_errors({})

    @property
    def typed(self) -> Settings:
        """The settings as typed, where nothing is wrong with them."""
        return read_settings(self._typed_values())

    @property
    def typed_automatic(self) -> Automatic | None:
        """Whether settings are to be found, with what has been typed since among those that stay."""
        if self.automatic is None:
            return None
        typed = self.typed
        new = {name for name in DECLARATIONS if getattr(typed, name) != getattr(self.settings, name)}
        return replace(self.automatic, fixed=self.automatic.fixed | new)

    def first_error(self) -> str | None:
        """The first setting that is wrong, if any."""
        return next(iter(self._errors()), None)

    @on(Form.Changed)
    def _typed(self, event: Form.Changed) -> None:
        event.stop()
        if event.name == PRESET:
            if event.text == AUTO:
                self.post_message(self.Changed(self.settings, Automatic()))
            elif event.text in PRESETS:
                preset = PRESETS[event.text].model_copy(update={"seed": self.settings.seed})
                self._write(preset)
                self.post_message(self.Changed(preset, None))
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
        errors = self._errors()
        self.form.set_errors(errors)
        if not errors:
            self.post_message(self.Changed(self.typed, self.typed_automatic))
        self._tell_preset()
        self._explain()

    def _tell_preset(self) -> None:
        names = [AUTO] if self.automatic else []
        if not names and not self._errors():
            bare = self.typed.model_copy(update={"seed": 0})
            names = [name for name, preset in PRESETS.items() if preset == bare]
        self.form.set_text(PRESET, names[0] if names else CUSTOM)

    def _explain(self) -> None:
        lines = []
        field = self.form.current
        if field and field.name in DECLARATIONS:
            declared = DECLARATIONS[field.name]
            wrong = self.form.errors.get(field.name)
            lines.append(
                f"{wrong}." if wrong else f"{declared.title}: {declared.allowed}. {declared.sentence}"
            )
        elif field:
            lines.append("A preset fills in every field but the seed; auto finds them for the table.")
        if self.automatic:
            lines.append(automatic_in_words(self.automatic))
        if self.dataset and not self.form.errors:
            lines.append(network_in_words(self.dataset, self.typed))
            fixed = self.automatic.fixed if self.automatic else None
            lines.append(command_for(self.dataset, self.typed, self.reading, fixed))
        self._explanation.write(lines)


def automatic_in_words(automatic: Automatic) -> str:
    """What t does with these settings."""
    fixed = [DECLARATIONS[name].title for name in DECLARATIONS if name in automatic.fixed]
    kept = f" {', '.join(fixed)} {'stays' if len(fixed) == 1 else 'stay'} as typed." if fixed else ""
    return f"Automatic: t first finds settings that fit the table, on its training rows alone.{kept}"


def network_in_words(dataset: Dataset, settings: Settings) -> str:
    """The network these settings make for this table; the inputs it will have at most."""
    examples = dataset.examples
    inputs = sum(min(max(len(feature.categories), 1), MOST_LEVELS + 1) for feature in examples.features)
    try:
        kind = kind_for(examples, settings.activation)
        nodes = kind.nodes(len(examples.classes), len(examples.outputs))
        return describe((inputs, *settings.hidden, nodes), settings.activation, kind)
    except ValueError as error:
        return str(error)


def _texts(settings: Settings) -> dict[str, str]:
    return {name: written(getattr(settings, name)) for name in DECLARATIONS}
