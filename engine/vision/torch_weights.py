"""Brings a tower's tensors from safetensors into memory: all of them, each one finite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import ModelInvalid
from engine.vision.checkpoint import REMEDY, Tensor

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles

IMAGE = ("vision_model.", "visual_projection.")
TEXT = ("text_model.", "text_projection.")


def read_weights(files: ModelFiles, prefixes: tuple[str, ...]) -> dict[str, Any]:
    """Read the tensors of one tower in fp32, by their names in the file.

    Args:
        files: a checkpoint that `ModelStore.resolve` accepted: nothing is missing.
        prefixes: `IMAGE` or `TEXT`.

    Raises:
        ModelInvalid: the file changed since, is damaged, or holds numbers that are none.
    """
    import torch

    found: dict[str, Any] = {}
    for name, tensor in files.tensors.items():
        if name.startswith(prefixes):
            values = _read(tensor).to(torch.float32)
            if not torch.isfinite(values).all():
                raise ModelInvalid(
                    f"The weights in {files.folder} are damaged: {name} is not finite. {REMEDY}"
                )
            found[name] = values
    return found


def _read(tensor: Tensor) -> Any:
    """Read one tensor. A mapped file would cost its memory twice, and end us if it shrank."""
    import torch

    data = bytearray(tensor.end - tensor.start)
    try:
        with tensor.file.open("rb", buffering=0) as file:
            file.seek(tensor.start)
            view, count = memoryview(data), 0
            while count < len(data) and (more := file.readinto(view[count:])):
                count += more
    except OSError as error:
        raise ModelInvalid(f"{tensor.file} cannot be read ({error.strerror}). {REMEDY}") from error
    if count < len(data):
        raise ModelInvalid(f"{tensor.file} is truncated. {REMEDY}")
    dtypes = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
    return torch.frombuffer(data, dtype=dtypes[tensor.dtype]).view(tensor.shape)
