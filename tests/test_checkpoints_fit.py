"""Weights go into a model that fits them; any other model hears what differs, and is unchanged."""

import math

import pytest
import torch
from checkpoint_samples import assert_same_bits, holder, saved
from torch import nn

from course_utils.training import CheckpointError, load_weights


def tied_model():
    """Return a model whose output layer is its embedding."""
    model = nn.ModuleDict({"embed": nn.Embedding(4, 2), "output": nn.Linear(2, 4, bias=False)})
    model["output"].weight = model["embed"].weight
    return model


def test_tied_weights_stay_tied(tmp_path):
    trained, new = tied_model(), tied_model()
    checkpoint = saved(tmp_path / "x", trained)
    assert set(checkpoint.tensors) == {"embed.weight", "output.weight"}
    load_weights(new, checkpoint)
    assert new["output"].weight is new["embed"].weight
    assert torch.equal(new["embed"].weight, trained["embed"].weight)


def test_tied_weights_refuse_two_different_tensors(tmp_path):
    untied = nn.ModuleDict({"embed": nn.Embedding(4, 2), "output": nn.Linear(2, 4, bias=False)})
    model = tied_model()
    before = model["embed"].weight.clone()
    with pytest.raises(CheckpointError, match="embed.weight and output.weight are one tensor"):
        load_weights(model, saved(tmp_path / "x", untied))
    assert torch.equal(model["embed"].weight, before)


def test_tied_weights_may_be_nan(tmp_path):
    model = tied_model()
    nn.init.constant_(model["embed"].weight, math.nan)
    checkpoint = saved(tmp_path / "x", model)
    load_weights(new := tied_model(), checkpoint)
    assert new["embed"].weight.isnan().all()


def test_every_tensor_that_differs_is_named(tmp_path):
    checkpoint = saved(tmp_path / "x", nn.ModuleDict({"rnn": nn.RNN(2, 3), "out": nn.Linear(3, 5)}))
    model = nn.ModuleDict({"rnn": nn.RNN(2, 4, bias=False), "head": nn.Linear(3, 5)})
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(CheckpointError) as caught:
        load_weights(model, checkpoint)
    assert str(caught.value).splitlines()[1:-1] == [
        "  head.bias (5,) is missing in the checkpoint",
        "  head.weight (5, 3) is missing in the checkpoint",
        "  out.bias (5,) is unknown to the model",
        "  out.weight (5, 3) is unknown to the model",
        "  rnn.bias_hh_l0 (3,) is unknown to the model",
        "  rnn.bias_ih_l0 (3,) is unknown to the model",
        "  rnn.weight_hh_l0 is (3, 3) in the checkpoint and (4, 4) in the model",
        "  rnn.weight_ih_l0 is (3, 2) in the checkpoint and (4, 2) in the model",
    ]
    assert "Build the model from checkpoint.config" in str(caught.value)
    assert_same_bits(dict(model.state_dict()), before)


def test_one_misfit_leaves_the_other_tensors_alone(tmp_path):
    checkpoint = saved(tmp_path / "x", holder(a=torch.ones(2), b=torch.ones(3)))
    model = holder(a=torch.zeros(2), b=torch.zeros(4))
    with pytest.raises(CheckpointError, match=r"b is \(3,\) in the checkpoint and \(4,\)"):
        load_weights(model, checkpoint)
    assert model.a.eq(0).all()


@pytest.mark.parametrize(
    ("in_file", "in_model", "fits"),
    [
        (torch.float16, torch.float32, True),
        (torch.bfloat16, torch.float32, True),
        (torch.float32, torch.float32, True),
        (torch.float32, torch.float16, False),
        (torch.bfloat16, torch.float16, False),
        (torch.int64, torch.float32, False),
        (torch.float32, torch.int64, False),
    ],
)
def test_a_dtype_that_would_lose_digits_is_refused(tmp_path, in_file, in_model, fits):
    checkpoint = saved(tmp_path / "x", holder(w=torch.tensor([1, 3], dtype=in_file)))
    model = holder(w=torch.zeros(2, dtype=in_model))
    if fits:
        load_weights(model, checkpoint)
        assert_same_bits({"w": model.w}, {"w": torch.tensor([1, 3], dtype=in_model)})
    else:
        with pytest.raises(CheckpointError, match=f"w is {in_file} .* which {in_model} in the"):
            load_weights(model, checkpoint)
