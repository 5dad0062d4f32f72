"""Windows hold the right values, and a window that does not fit is refused."""

import numpy as np
import pytest
import torch

from course_utils.batching import windows


def test_each_window_is_followed_by_its_target():
    series = np.arange(20.0)
    inputs, targets = windows(series, 4)
    assert inputs.shape == (16, 4, 1)
    assert targets.shape == (16, 1)
    assert inputs.dtype == targets.dtype == torch.float32
    for i in range(16):
        assert inputs[i, :, 0].tolist() == series[i : i + 4].tolist()
        assert targets[i, 0] == series[i + 4]


def test_one_window_is_left_at_the_largest_size():
    inputs, targets = windows([1.0, 2.0, 3.0], 2)
    assert inputs.flatten().tolist() == [1, 2]
    assert targets.flatten().tolist() == [3]


@pytest.mark.parametrize("size", [3, 4, 100, 0, -1])
def test_a_window_that_does_not_fit(size):
    with pytest.raises(ValueError, match=rf"size must be from 1 to 2 .*got {size}"):
        windows([1.0, 2.0, 3.0], size)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_missing_values(bad):
    with pytest.raises(ValueError, match="missing or infinite"):
        windows([1.0, bad, 3.0], 1)


@pytest.mark.parametrize("series", [[[1.0, 2.0]], 3.0])
def test_not_one_row(series):
    with pytest.raises(ValueError, match="one row of numbers"):
        windows(series, 1)


def test_empty_series():
    with pytest.raises(ValueError, match="the series has 0 values"):
        windows([], 1)
