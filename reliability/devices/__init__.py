"""A GPU for machines that have none: it is no faster, and it refuses what CUDA refuses.

`fake_gpu.fake_gpu()` makes PyTorch report one CUDA device. A tensor that moves there keeps its
numbers in the computer's memory, and says ``device='cuda:0'``. Every call of PyTorch is looked at
before it runs: two tensors on different devices, a generator of the other device, `numpy()` on the
GPU and a matrix product of whole numbers all stop with the message that CUDA gives. The GPU draws
its own random numbers, and can round in another way than the CPU.

What such a device cannot show: how a GPU rounds in fact, its memory and the end of it, errors that
come later than their cause, refusals of cuDNN (shapes, contiguous weights), operations that CUDA
lacks beyond the few in `rules`, mistakes inside PyTorch's own C++ code, real speed, two GPUs, and
NCCL. Only a run on a GPU shows these: the strict suite with ``COURSE_DEVICE=cuda``, which
`make test` does where PyTorch sees one.

    python -m reliability.devices                        every lesson and solution, on the fake GPU
    python -m reliability.devices --rounding 1e-6        the same, with other last digits
"""
