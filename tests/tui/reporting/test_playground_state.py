"""The playground's state as one line: what it says comes back, and a line from anybody does no harm."""

from __future__ import annotations

import contextlib
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.core.settings import Settings
from epochal.data.tables.painted import Point
from epochal.tui.reporting.playground_state import PlaygroundState, state_from

names = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Zs", "Cn", "Co")), min_size=1
)
numbers = st.floats(-1e9, 1e9)
points = st.lists(
    st.builds(
        lambda pair, values, label: Point(dict(zip(pair, values, strict=True)), label),
        st.lists(names, min_size=2, max_size=2, unique=True),
        st.tuples(numbers, numbers),
        names,
    ),
    max_size=4,
).map(tuple)
states = st.builds(
    PlaygroundState,
    table=names,
    target=st.one_of(st.just(""), names),
    ignored=st.lists(names, max_size=3).map(tuple),
    settings=st.builds(
        Settings,
        hidden=st.lists(st.integers(1, 9), max_size=3).map(tuple),
        learning_rate=st.floats(1e-6, 10),
        l2=st.floats(0, 1),
        seed=st.integers(0, 2**32 - 1),
        batch_size=st.sampled_from([1, 32, "full"]),
    ),
    axes=st.one_of(st.just(()), st.tuples(names, names)),
    points=points,
    discrete=st.booleans(),
)


def nearly(settings: Settings) -> dict[str, object]:
    return {
        n: pytest.approx(v, rel=1e-9) if isinstance(v, float) else v for n, v in settings.model_dump().items()
    }


@given(states)
def test_a_state_comes_back_from_its_line(state: PlaygroundState) -> None:
    line = state.text
    assert line.isascii()
    assert not set(line) & set(" \t\n\x1b'\"`$\\;|<>")
    back = state_from(line)
    assert back.settings.model_dump() == nearly(state.settings)
    rest = [PlaygroundState(**{**vars(one), "settings": Settings()}) for one in (back, state)]
    assert rest[0] == rest[1]
    assert shlex.split(state.command) == ["epochal", "--state", line]


@given(st.one_of(st.text(), st.builds("table=moons&{}={}".format, st.text(), st.text())))
def test_whatever_a_line_says_it_is_a_state_or_a_sentence(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert state_from(text).table


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "names no table"),
        ("moons", "no state"),
        ("hidden=4", "names no table"),
        ("table=moons&table=xor", "twice"),
        ("table=moons&colour=red", "does not know"),
        ("table=moons&hidden=-3", "Hidden layers"),
        ("table=moons&learning_rate=fast", "Learning rate"),
        ("table=moons&axis=x", "two axes"),
        ("table=moons&discrete=no", "discrete"),
        ("table=moons&point=x%3D1%26y%3Dnan%26upper", "not two numbers"),
        ("table=moons&point=upper", "not two numbers"),
        ("table=%1b%5b31m", "cannot be printed"),
        ("table=" + "a" * 30_000, "at most"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(line: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        state_from(line)
