"""Brings a tower's tensors from safetensors into memory: all of them, each one finite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import ModelInvalid
from engine.vision.checkpoint import REMEDY

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
    from safetensors import SafetensorError, safe_open

    wanted = {name: tensor for name, tensor in files.tensors.items() if name.startswith(prefixes)}
    found: dict[str, Any] = {}
    try:
        for path in {tensor.file for tensor in wanted.values()}:
            with safe_open(path, framework="pt") as file:
                for name, tensor in wanted.items():
                    if tensor.file == path:
                        # copied: a mapped file that shrinks later would end the process
                        found[name] = file.get_tensor(name).to(torch.float32, copy=True)
    except (OSError, SafetensorError) as error:
        raise ModelInvalid(
            f"The weights in {files.folder} are damaged ({error}). {REMEDY}"
        ) from error
    for name, tensor in found.items():
        if not torch.isfinite(tensor).all():
            raise ModelInvalid(
                f"The weights in {files.folder} are damaged: {name} is not finite. {REMEDY}"
            )
    return found
