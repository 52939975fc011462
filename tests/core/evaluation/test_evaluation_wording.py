import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.core.evaluation.evaluation import evaluate_classes
from epochal.core.evaluation.regression import evaluate_numbers
from epochal.core.evaluation.wording import in_words, percent, sentences, verdict
from epochal.core.numerals import figure


def of_two(hits_abnormal, of_abnormal, hits_normal, of_normal, counts=(168, 80), level=0.95):
    targets = np.repeat([0, 1], [of_abnormal, of_normal])
    answers = np.concatenate([np.arange(of_abnormal) >= hits_abnormal, np.arange(of_normal) < hits_normal])
    return evaluate_classes(
        np.eye(2)[answers.astype(int)], targets, ("Abnormal", "Normal"), counts, level=level
    )


def of_numbers(rows, noise, outputs=1):
    rng = np.random.default_rng(0)
    targets = 100.0 + 8.0 * rng.standard_normal((rows, outputs))
    predictions = targets + noise * rng.standard_normal((rows, outputs))
    return evaluate_numbers(predictions, targets, [100.0] * outputs, ("y",) * outputs, 0)


def test_an_accuracy_is_said_with_its_rows_its_interval_and_its_baseline():
    assert in_words(of_two(38, 42, 15, 20)) == (
        "53 of 62 held-out rows right: 85.5 % (95 % interval 74.7 to 92.2 %); "
        "always answering Abnormal: 67.7 %"
    )


def test_the_level_is_named_as_it_was_chosen():
    assert "(99.5 % interval" in in_words(of_two(38, 42, 15, 20, level=0.995))


def of_three(rows, sureness, seed=0):
    """Three classes, one of them frequent; probabilities that lean towards the truth, but seldom decide."""
    rng = np.random.default_rng(seed)
    shares = np.array([0.7, 0.2, 0.1])
    truth = rng.choice(3, rows, p=shares)
    scores = np.log(shares) + sureness * (np.arange(3) == truth[:, None]) * rng.random((rows, 1))
    powers = np.exp(scores)
    return evaluate_classes(powers / powers.sum(axis=1, keepdims=True), truth, tuple("abc"), 100 * shares)


def test_of_many_classes_the_log_loss_stands_beside_the_accuracy():
    found = of_three(400, 1.0)
    assert found.beats_baseline is not True
    assert found.informs_better_than_it_decides
    assert found.is_useful is True
    *_, last = sentences(found)
    assert last.startswith(("Yet the probabilities", "Probabilities"))
    assert f"log loss {found.chances.log_loss:.3f}, against {found.chances.base_log_loss:.3f}" in last
    assert "95 % interval" in last
    clear = of_three(400, 12.0)
    assert clear.beats_baseline
    assert not clear.informs_better_than_it_decides
    assert sentences(clear)[-1].startswith("Probabilities: log loss")


def test_of_many_classes_shares_alone_are_useless():
    """Of 60 networks that know the classes' shares and nothing else, few are called useful."""
    called = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        shares = np.array([0.5, 0.3, 0.2])
        truth = rng.choice(3, 80, p=shares)
        powers = shares * np.exp(0.3 * rng.standard_normal((80, 3)))
        found = evaluate_classes(
            powers / powers.sum(axis=1, keepdims=True), truth, tuple("abc"), 100 * shares
        )
        called += found.is_useful is True
    assert called <= 5
    same = evaluate_classes(np.tile(shares, (80, 1)), truth, tuple("abc"), 100 * shares)
    assert "they say no more than these" in sentences(same)[-1]


def test_one_row_is_one_row():
    assert in_words(of_two(1, 1, 0, 0)).startswith("1 of 1 held-out row right: 100.0 %")


@given(st.data(), st.integers(1, 3000))
def test_no_rounding_claims_all_or_nothing(data, rows):
    correct = data.draw(st.sampled_from([0, 1, rows // 2, rows - 1, rows]))
    sentence = in_words(of_two(correct, rows, 0, 0))
    shown = float(re.search(r"right: ([\d.]+) %", sentence)[1])
    assert (shown == 100.0) == (correct == rows)
    assert (shown == 0.0) == (correct == 0)
    assert shown == pytest.approx(100.0 * correct / rows, abs=0.0501)


def test_as_many_decimals_as_the_truth_needs():
    shares = [0.0, 0.0004, 0.000004, 0.5, 0.9994, 0.9996, 0.9999996, 1.0]
    expected = ["0.0 %", "0.04 %", "0.0004 %", "50.0 %", "99.9 %", "99.96 %", "99.99996 %", "100.0 %"]
    assert [percent(share) for share in shares] == expected


def test_an_accuracy_just_above_its_baseline_is_not_rounded_onto_it():
    sentence = in_words(of_two(42000, 42000, 1, 20000))
    assert "67.744 %" in sentence
    assert sentence.endswith("67.742 %")


def test_a_narrow_interval_is_never_shown_as_a_point():
    low, high = re.search(
        r"interval ([\d.]+) to ([\d.]+) %", in_words(of_two(40_000_0, 50_000_0, 0, 0))
    ).groups()
    assert float(low) < 80.0 < float(high)
    low, high = re.search(r"interval ([\d.]+) to ([\d.]+)\)", in_words(of_numbers(200_000, 0.001))).groups()
    assert float(low) < float(high)


@pytest.mark.parametrize(
    ("run", "begins", "numbers"),
    [
        (
            (38, 42, 15, 20),
            "Better than always answering Abnormal, beyond chance",
            ["42 of 62", "53", "0.0012"],
        ),
        ((42, 42, 3, 20), "Not beyond chance", ["42 of 62", "45", "0.25", "at least 49"]),
        ((30, 42, 2, 20), "No better than always answering Abnormal", ["42 of 62", "32", "49"]),
        ((3, 3, 2, 2), "Too few held-out rows to tell", ["all 5", "0.0778"]),
        ((0, 0, 62, 62), "These rows cannot tell", ["all 62 are Normal"]),
        ((0, 0, 1, 1), "One held-out row cannot tell", ["Normal"]),
        ((0, 0, 0, 0), "Without held-out rows", []),
        ((0, 20, 40, 42), "No better than always answering Normal", ["42 of 62", "40"]),
        ((9000, 9000, 900, 1000), "Better than", ["0.0001 at most"]),
    ],
)
def test_the_verdict_says_whether_it_beats_the_baseline_with_its_own_numbers(run, begins, numbers):
    sentence = verdict(of_two(*run))
    assert sentence.startswith(begins)
    assert all(number in sentence for number in numbers)
    assert sentence.endswith(".")


@given(st.integers(0, 40), st.integers(0, 40), st.data())
def test_the_verdict_agrees_with_the_field(of_abnormal, of_normal, data):
    result = of_two(
        data.draw(st.integers(0, of_abnormal)), of_abnormal, data.draw(st.integers(0, of_normal)), of_normal
    )
    said = {"Better": True, "No better": False}
    beginning = re.match(r"Better|No better|", verdict(result))[0]
    assert said.get(beginning) is result.is_useful


def test_a_probability_just_short_of_convincing_is_not_rounded_to_the_line():
    beyond, short = verdict(of_two(64, 64, 7, 22)), verdict(of_two(60, 60, 9, 49))
    assert beyond.startswith("Better")
    assert "probability of 0.04996 at most" in beyond
    assert short.startswith("Not beyond chance")
    assert "up to 0.05005;" in short


def test_a_typical_error_is_said_in_the_targets_units():
    assert re.fullmatch(
        r"typical error 3\.\d\d \(95 % interval 2\.\d\d to 3\.\d\d\), "
        r"against 7\.\d\d when always answering the training mean",
        in_words(of_numbers(62, 3.0)),
    )


def test_several_outputs_are_said_to_be_averaged():
    assert in_words(of_numbers(62, 3.0, outputs=3)).startswith("on average over 3 outputs, typical error ")


def test_too_few_rows_for_an_interval_are_said_to_be():
    assert "too few rows for an interval" in in_words(of_numbers(9, 3.0))
    assert "at least 10 are needed" in verdict(of_numbers(9, 3.0))


def test_the_verdict_on_numbers_has_all_its_answers():
    assert verdict(of_numbers(62, 3.0)).startswith(
        "Better than always answering the training mean, beyond chance"
    )
    assert verdict(of_numbers(62, 12.0)).startswith("No better than always answering the training mean")
    assert verdict(of_numbers(20, 7.0)).startswith("Not beyond chance")
    assert verdict(of_numbers(0, 1.0)).startswith("Without held-out rows")
    assert in_words(of_numbers(0, 1.0)).startswith("no held-out rows")


def test_answering_the_mean_is_said_to_be_the_same():
    targets = np.arange(10.0)[:, None]
    same = evaluate_numbers(np.full((10, 1), 4.0), targets, [4.0], ("y",), 0)
    assert verdict(same).endswith("the typical error is the same.")


def test_a_figure_has_three_digits_and_no_thousands_are_dropped():
    values = [0.0, 3.14159, -0.00234567, 123456.7, 99.96, 1.5e12, 2.5e-9]
    assert [figure(value) for value in values] == [
        "0", "3.14", "-0.00235", "123457", "100.0", "1.50e+12", "2.50e-09",
    ]  # fmt: skip
