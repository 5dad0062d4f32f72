"""The lecture's network for names: a cell written by hand that reads one letter at a time."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course_utils.arguments import flag, tensor
from course_utils.models.inputs import check_memory, check_size


class LectureRNN(nn.Module):
    """Compute the lecture's cell: two linear layers that both read the letter and the hidden state.

        hidden = i2h([input, hidden])           output = LogSoftmax(i2o([input, hidden_before]))

    No nonlinearity stands between one hidden state and the next. So the last hidden state is an
    affine function of all letters: each letter only adds a vector that depends on its distance
    from the end. `tanh=True` puts the missing nonlinearity in.

    >>> rnn = LectureRNN(58, 128, 18)
    >>> output, hidden = rnn(torch.eye(58)[:1], rnn.init_hidden())
    >>> output.shape, hidden.shape
    (torch.Size([1, 18]), torch.Size([1, 128]))

    Attributes:
        hidden_size: H.
        i2h: nn.Linear from n_letters + H to H.
        i2o: nn.Linear from n_letters + H to the number of classes.
        softmax: nn.LogSoftmax over the classes.
        tanh: whether tanh is applied to the new hidden state.
    """

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, *, tanh: bool = False
    ) -> None:
        """Build the parts with PyTorch's usual start values.

        Args:
            input_size: n_letters, the length of a letter's one-hot vector.
            hidden_size: H, 128 in the lecture.
            output_size: number of classes.
            tanh: apply tanh to the new hidden state; the lecture does not.

        Raises:
            TypeError: a size is no whole number, or tanh is not True or False.
            ValueError: a size is below 1, or so large that no memory holds the network.
        """
        super().__init__()
        sizes = {"input_size": input_size, "hidden_size": hidden_size, "output_size": output_size}
        n_in, H, n_out = (check_size(name, value) for name, value in sizes.items())
        check_memory((n_in + H + 1) * (H + n_out), sizes)
        self.hidden_size = H
        self.i2h = nn.Linear(n_in + H, H)
        self.i2o = nn.Linear(n_in + H, n_out)
        self.softmax = nn.LogSoftmax(dim=1)
        self.tanh = flag("tanh", tanh)

    def forward(self, input: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Read one letter.

        Args:
            input: float, (1, n_letters), one-hot.
            hidden: float, (1, H), the state before this letter.

        Returns:
            output: float, (1, n_classes), log-probabilities.
            hidden: float, (1, H), the state after this letter.

        Raises:
            TypeError: input or hidden is not a tensor of the weights' dtype.
            ValueError: hidden does not have H columns, or another size does not fit.
        """
        self._check(input, hidden)
        combined = torch.cat((input, hidden), 1)
        hidden = self.i2h(combined)
        if self.tanh:
            hidden = torch.tanh(hidden)
        return self.softmax(self.i2o(combined)), hidden

    def _check(self, input: Tensor, hidden: Tensor) -> None:
        """Refuse what does not fit the layers."""
        dtype = self.i2h.weight.dtype
        for name, given in (("input", input), ("hidden", hidden)):
            is_dense = isinstance(given, Tensor) and given.layout == torch.strided
            if not is_dense or given.ndim != 2 or given.is_meta:  # the letters of a name are many
                tensor(name, given, ndim=2, shape="(1, n)")
            if given.dtype != dtype:
                raise TypeError(f"{name} must be {dtype}, as the weights are, got {given.dtype}")
        if hidden.shape[-1] != self.hidden_size:  # (hidden, input) in the wrong order would fit
            raise ValueError(
                f"hidden must be (1, {self.hidden_size}), got {tuple(hidden.shape)}: the letter "
                "comes first, then the hidden state"
            )
        n_in = self.i2h.in_features - self.hidden_size
        if input.shape[1] != n_in or len(input) != len(hidden):
            raise ValueError(
                f"input must be (1, {n_in}), as many rows as hidden has, got {tuple(input.shape)} "
                f"and a hidden of {tuple(hidden.shape)}"
            )

    def init_hidden(self) -> Tensor:
        """Return the state before the first letter: zeros, (1, H)."""
        return torch.zeros(1, self.hidden_size)
