"""Fetches a model from the hub or a mirror: resumable, verified, and whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import DownloadFailed, ModelError, ModelInvalid
from engine.jobs import Event, Job, Progress
from engine.types import ModelInfo, ModelSource
from engine.vision.models import MANIFEST, ModelStore
from engine.vision.registry import BY_ID

_HUB = "https://huggingface.co"
_WANTED = re.compile(r"[\w.-]+\.(json|txt|model)|model(-\d+-of-\d+)?\.safetensors")
_RESERVE = 64 * 2**20  # bytes that stay free on the disk
_TRIES = 4  # connections per file that ended without bringing anything new
_TIMEOUT_S = 20.0
_REMEDY = (
    "Try again later, set HF_ENDPOINT to a mirror, or choose a folder that already holds the model."
)


@dataclass(frozen=True, slots=True)
class _Remote:
    """One file of the repository; `sha256` for large files, `blob` (git's hash) for all."""

    name: str
    size: int
    sha256: str
    blob: str


def download(model_id: str, store: ModelStore) -> Job[ModelInfo]:
    """Fetch a model into the store's folder, if it is not on this computer yet.

    Progress counts bytes of all files; its note names the file. Closing the job, or a failure,
    keeps what came so far for the next time.

    Raises:
        DownloadFailed: one sentence with the remedy.
        ModelInvalid: it arrived as the hub has it, but is no model that we accept.
    """
    yield Progress(0, None)
    try:
        return store.resolve(model_id).info
    except ModelError:
        pass  # missing or damaged: fetch it
    if model_id in BY_ID and BY_ID[model_id].source is not ModelSource.HUB:
        raise DownloadFailed(f"{model_id} ships with Photosift; reinstall Photosift to repair it.")
    target = store.place(model_id)
    commit, files = _listing(model_id)
    staging = target.with_name(f"{target.name}.{commit[:12]}.part")
    total = sum(file.size for file in files)
    with _explained(model_id):
        staging.mkdir(parents=True, exist_ok=True)
        have = sum(path.stat().st_size for path in staging.iterdir())
        free = shutil.disk_usage(staging).free - _RESERVE
        if total - have > free:
            raise DownloadFailed(
                f"{model_id} needs {_size(total - have)} more on the disk of {store.folder}, "
                f"which has {_size(max(free, 0))}. Make room and try again."
            )
        done = 0
        for file in files:
            url = _url(model_id, commit, file.name)
            yield from _fetch(url, file, staging / file.name, done, total)
            done += file.size
        manifest = {"id": model_id, "revision": commit}
        (staging / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        try:
            store.check(model_id, staging, staging, commit)
        except ModelInvalid:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        _put_in_place(staging, target)
    return store.resolve(model_id).info


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or _HUB


def _token() -> bool | None:
    """The user's own token goes to the hub itself only, never to a mirror."""
    return None if _endpoint() == _HUB else False


def _url(model_id: str, commit: str, name: str) -> str:
    from huggingface_hub import hf_hub_url

    return hf_hub_url(model_id, name, revision=commit, endpoint=_endpoint())


def _listing(model_id: str) -> tuple[str, list[_Remote]]:
    """The pinned commit and the files of it that we want, small ones first."""
    from huggingface_hub import HfApi

    entry = BY_ID.get(model_id)
    revision = entry.revision if entry is not None else None
    hub = HfApi(endpoint=_endpoint(), token=_token(), library_name="photosift")
    with _explained(model_id):
        try:
            found = hub.model_info(
                model_id, revision=revision, files_metadata=True, timeout=_TIMEOUT_S
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DownloadFailed(
                f"{_endpoint()} does not answer as the hub does; is it a mirror? {_REMEDY}"
            ) from error
    files: list[_Remote] = []
    for sibling in found.siblings or []:
        if _WANTED.fullmatch(sibling.rfilename) and sibling.size is not None:
            sha256 = sibling.lfs.sha256 if sibling.lfs is not None else ""
            files.append(_Remote(sibling.rfilename, sibling.size, sha256, sibling.blob_id or ""))
    if any(file.name == "model.safetensors" for file in files):
        files = [file for file in files if not file.name.startswith("model-")]
    if not any(file.name.endswith(".safetensors") for file in files):
        raise DownloadFailed(
            f"{model_id} is offered without safetensors weights, which are the only ones that "
            "are safe to load. Choose another model."
        )
    commit = found.sha or ""
    if not re.fullmatch(r"[0-9a-f]{7,64}", commit):
        raise DownloadFailed(f"{_endpoint()} does not tell which version of {model_id} it has.")
    return commit, sorted(files, key=lambda file: file.size)


def _fetch(
    url: str, file: _Remote, path: Path, done: int, total: int
) -> Generator[Event, None, None]:
    """Bring one file, going on where an earlier try ended, and verify it."""
    yield Progress(done, total, file.name)
    if path.exists():
        return  # verified before it got its name
    partial = path.with_name(path.name + ".incomplete")
    fruitless = 0
    while (have := partial.stat().st_size if partial.exists() else 0) != file.size or not have:
        if have > file.size:
            partial.unlink()
            continue
        try:
            with partial.open("ab") as out:
                for size in _stream(url, have, file.size, out):
                    yield Progress(done + size, total, file.name)
                out.flush()
                os.fsync(out.fileno())
            problem: Exception | None = None
        except _transport_errors() as error:
            problem = error
        now = partial.stat().st_size
        if now == file.size == 0:
            break
        fruitless = 0 if now > have else fruitless + 1
        if fruitless >= _TRIES:
            raise problem or DownloadFailed(f"{url} ends too early. {_REMEDY}")
    if not _matches(partial, file):
        partial.unlink()
        raise DownloadFailed(
            f"{file.name} arrived damaged: it is not what the hub describes. {_REMEDY}"
        )
    partial.replace(path)


def _stream(url: str, have: int, size: int, out: Any) -> Iterator[int]:
    """Append the rest of a file to `out`, yielding its size so far."""
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    headers = build_hf_headers(token=_token(), library_name="photosift")
    headers["Accept-Encoding"] = "identity"
    if have:
        headers["Range"] = f"bytes={have}-"
    with get_session().stream("GET", url, headers=headers, timeout=_TIMEOUT_S) as response:
        if response.status_code == 416:  # the part we have is no part of this file
            out.truncate(0)
            return
        hf_raise_for_status(response)
        if have and response.status_code != 206:
            out.truncate(0)
            have = 0
        for chunk in response.iter_bytes():
            if have + len(chunk) > size:
                raise DownloadFailed(f"{url} sends more than it announced. {_REMEDY}")
            out.write(chunk)
            have += len(chunk)
            yield have


def _matches(path: Path, file: _Remote) -> bool:
    """Whether a complete file has the hash that the hub lists for it."""
    if file.sha256:
        with path.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest() == file.sha256
    if re.fullmatch(r"[0-9a-f]{40}", file.blob):
        head = f"blob {file.size}\0".encode()
        return (
            hashlib.sha1(head + path.read_bytes(), usedforsecurity=False).hexdigest() == file.blob
        )
    return True


def _put_in_place(staging: Path, target: Path) -> None:
    """Swap the finished folder in; a broken one with that name makes room first."""
    old = target.with_name(target.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    staging.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    for left in target.parent.glob(f"{target.name}.*.part"):
        shutil.rmtree(left, ignore_errors=True)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"


def _transport_errors() -> tuple[type[Exception], ...]:
    from huggingface_hub.utils import httpx

    return (httpx.TransportError,)


@contextmanager
def _explained(model_id: str) -> Generator[None]:
    """Turn what the network, the hub and the disk can do to us into one sentence."""
    from huggingface_hub import errors
    from huggingface_hub.utils import httpx

    where = _endpoint()
    try:
        yield
    except errors.GatedRepoError as error:
        raise DownloadFailed(
            f"{where} gives {model_id} only to people who accepted its terms there. {_REMEDY}"
        ) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError) as error:
        raise DownloadFailed(f"{where} has no model {model_id}. {_REMEDY}") from error
    except errors.OfflineModeIsEnabled as error:
        raise DownloadFailed(
            "HF_HUB_OFFLINE forbids downloads; unset it, or choose a folder that holds the model."
        ) from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        if status == 404:
            raise DownloadFailed(f"{where} has no model {model_id}. {_REMEDY}") from error
        raise DownloadFailed(f"{where} answered with error {status}. {_REMEDY}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DownloadFailed(f"{where} cannot be reached ({error}). {_REMEDY}") from error
    except OSError as error:
        raise DownloadFailed(
            f"The model could not be saved ({error.strerror or error}). Make room or check the "
            "permissions, then try again; what came so far is kept."
        ) from error
