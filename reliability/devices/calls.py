"""Every call of PyTorch while the fake GPU is in: where it runs, and where its result lies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from reliability.devices import rules
from reliability.devices.own_numbers import RANDOM, ROUNDED, Numbers, round_otherwise
from reliability.devices.tensors import adopt, is_gpu, on_gpu, place, tensors_in

Call = Callable[..., Any]


def run(func: Call, args: tuple, kwargs: dict[str, Any]) -> Any:
    """Do one call of PyTorch as a machine with a GPU does it.

    Raises:
        RuntimeError, TypeError: CUDA would refuse it.
    """
    name = name_of(func)
    with torch._C.DisableTorchFunctionSubclass():
        special = _SPECIAL.get(name)
        return special(func, *args, **kwargs) if special else _run(name, func, args, kwargs)


def name_of(func: Call) -> str:
    """Return the name of a function; of an attribute of tensors, "grad.__get__" for example."""
    name = getattr(func, "__name__", str(func))
    return f"{func.__self__.__name__}.{name}" if name in ("__get__", "__set__") else name


def _run(name: str, func: Call, args: tuple, kwargs: dict[str, Any]) -> Any:
    has_gpu = any(map(on_gpu, tensors_in((args, kwargs))))
    gpu = has_gpu
    if kwargs.get("device") is not None:
        gpu = is_gpu(kwargs["device"])
        kwargs = {**kwargs, "device": "cpu"} if gpu else kwargs
    if has_gpu:
        rules.check_call(name, args, kwargs)
    rules.check_generator(name, kwargs, args, gpu=gpu)
    if gpu and name.strip("_") in RANDOM and kwargs.get("generator") is None:
        with Numbers.drawn():
            result = func(*args, **kwargs)
    else:
        result = func(*args, **kwargs)
    if gpu and name in ROUNDED and Numbers.rounding:
        round_otherwise(result)
    return adopt(result) if gpu else result


def move(tensor: Tensor, device: Any = None, *rest: Any, **options: Any) -> Tensor:
    """Copy a tensor to a device, or return it as it is when it is there.

    Args:
        tensor: on either device.
        device: where to; None: stay.
        rest, options: as for Tensor.to.
    """
    gpu = on_gpu(tensor) if device is None else is_gpu(device)
    if device is not None and not gpu and torch.device(device).type != "cpu":
        return Tensor.to(tensor, device, *rest, **options)
    if gpu != on_gpu(tensor):
        options["copy"] = True
    moved = Tensor.to(tensor, "cpu", *rest, **options)
    return moved if moved is tensor else place(moved, gpu=gpu)


def _to(func: Call, tensor: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    other = args[0] if args else kwargs.get("other", kwargs.get("device"))
    if isinstance(other, Tensor):
        kwargs.pop("other", None)
        return move(tensor, other.device, other.dtype, *args[1:], **kwargs)
    if args and not isinstance(other, torch.dtype):
        return move(tensor, *args, **kwargs)
    dtype = args[0] if args else kwargs.pop("dtype", None)
    return move(tensor, kwargs.pop("device", None), dtype, *args[1:], **kwargs)


def _cuda(func: Call, tensor: Tensor, device: Any = None, *rest: Any, **options: Any) -> Tensor:
    return move(tensor, "cuda" if device is None else device)


def _cpu(func: Call, tensor: Tensor, *rest: Any, **options: Any) -> Tensor:
    return move(tensor, "cpu")


def _made_of(func: Call, data: Any, *args: Any, device: Any = None, **kwargs: Any) -> Tensor:
    """torch.tensor, as_tensor, asarray: a list of GPU numbers makes a tensor on the CPU."""
    at = data.device if device is None and isinstance(data, Tensor) else device
    if at is not None and not is_gpu(at):
        result = func(data, *args, device=at, **kwargs)
        moved = isinstance(data, Tensor) and on_gpu(data)
        return place(result.clone() if result is data else result, gpu=False) if moved else result
    result = func(data, *args, **kwargs)
    if at is None or (isinstance(data, Tensor) and on_gpu(data) and result is data):
        return result
    keeps = func is not torch.tensor and not kwargs.get("requires_grad")
    return adopt(result.clone() if keeps else result)


def _numpy(func: Call, tensor: Tensor, *args: Any, **kwargs: Any) -> Any:
    if on_gpu(tensor) and not kwargs.get("force"):
        rules.refuse(
            "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor "
            "to host memory first.",
            TypeError,
        )
    return func(move(tensor, "cpu"), *args, **kwargs)


def _copy_(func: Call, tensor: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    return func(tensor, *args, **kwargs)


def _get_item(func: Call, tensor: Tensor, index: Any) -> Tensor:
    rules.check_index(tensor, index)
    result = func(tensor, index)
    return adopt(result) if on_gpu(tensor) else result


def _set_item(func: Call, tensor: Tensor, index: Any, value: Any) -> None:
    rules.check_index(tensor, index)
    rules.check_value(tensor, index, value)
    func(tensor, index, value)


def _set_data(func: Call, tensor: Tensor, value: Tensor) -> None:
    """`parameter.data = moved` is how a module moves: the parameter stays the same object."""
    func(tensor, value)
    place(tensor, gpu=on_gpu(value))


def _deepcopy(func: Call, tensor: Tensor, memo: dict) -> Tensor:
    if not on_gpu(tensor):
        return func(tensor, memo)
    if id(tensor) not in memo:
        place(tensor, gpu=False)
        try:
            copy = func(tensor, memo)
        finally:
            adopt(tensor)
        memo[id(tensor)] = adopt(copy)
    return memo[id(tensor)]


def _iterate(func: Call, tensor: Tensor) -> Iterator[Tensor]:
    parts = [*func(tensor)]
    return iter(adopt(parts) if on_gpu(tensor) else parts)


def _show(func: Call, tensor: Tensor, *args: Any, **kwargs: Any) -> str:
    shown = func(tensor, *args, **kwargs)
    return shown if not on_gpu(tensor) else re.sub(r"^FakeT|\n    ", _plain_name, shown)


def _format(func: Call, tensor: Tensor, how: str) -> str:
    is_number = on_gpu(tensor) and tensor.ndim == 0
    return format(tensor.item(), how) if is_number else func(tensor, how)


def _plain_name(found: re.Match) -> str:
    """Write tensor(…) for FakeTensor(…); its lines begin four places further left."""
    return "t" if found[0] == "FakeT" else "\n"


def _pack(func: Call, data: Tensor, lengths: Tensor, *args: Any) -> Any:
    """Pack or unpack sequences: the second argument and the second result are on the CPU."""
    rules.check_cpu("'lengths' argument", lengths)
    result = func(data, lengths, *args)
    if on_gpu(data):
        adopt(result[0])
    return result


def _recur(func: Call, *args: Any) -> Any:
    """nn.RNN, nn.LSTM, nn.GRU; a packed batch has its batch sizes second, and these on the CPU."""
    if isinstance(args[3], (list, tuple)):
        rules.check_cpu("batch_sizes", args[1])
        if any(map(on_gpu, tensors_in(args))):
            rules.check_call(name_of(func), (args[0], *args[2:]), {})
            with Numbers.drawn():
                return adopt(func(*args))
        return func(*args)
    return _run(name_of(func), func, args, {})


_SPECIAL: dict[str, Call] = {
    "to": _to,
    "cuda": _cuda,
    "cpu": _cpu,
    "tensor": _made_of,
    "as_tensor": _made_of,
    "asarray": _made_of,
    "numpy": _numpy,
    "__array__": _numpy,
    "copy_": _copy_,
    "__getitem__": _get_item,
    "__setitem__": _set_item,
    "data.__set__": _set_data,
    "__deepcopy__": _deepcopy,
    "__iter__": _iterate,
    "__repr__": _show,
    "__format__": _format,
    "_pack_padded_sequence": _pack,
    "_pad_packed_sequence": _pack,
    "lstm": _recur,
    "gru": _recur,
    "rnn_tanh": _recur,
    "rnn_relu": _recur,
}
