"""What the hub, or a mirror of it, lists and answers, and what each refusal means for the user."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

from engine.errors import DownloadFailed
from engine.vision.wire import Answer, shown

HUB = "https://huggingface.co"
REMEDY = (
    "Try again later, set HF_ENDPOINT to a mirror, or choose a folder that already holds the model."
)
LISTING_LIMIT = 32 * 2**20  # bytes; the longest real listings have one
PATIENCE_S = 120.0
"""For longer than that we do not wait when a server asks us to."""

_SINGLE, _INDEX = "model.safetensors", "model.safetensors.index.json"
_SHARD = re.compile(r"model-(\d{5})-of-(\d{5})\.safetensors")
_WANTED = {
    "config.json", "preprocessor_config.json", "processor_config.json", "tokenizer.json",
    "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
    "vocab.txt", "merges.txt", "spiece.model", "tokenizer.model", "sentencepiece.bpe.model",
}  # fmt: skip
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_PASSING = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529}


class Again(Exception):
    """This attempt failed, the next may not. `problem` is for when there is no next."""

    def __init__(self, problem: DownloadFailed, wait_s: float | None = None) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.wait_s = wait_s


class Unreachable(Again):
    """Nobody answers at that address."""


class WrongPart(Again):
    """A part was asked for, and another one came: better ask for the whole."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of the repository with its hash: sha256, or git's own for small ones."""

    name: str
    size: int
    sha256: str
    blob: str

    @property
    def key(self) -> str:
        """What tells these bytes from all others."""
        return self.sha256 or self.blob


def endpoint() -> str:
    """The hub's address or that of the mirror in HF_ENDPOINT, without a slash at its end.

    Raises:
        DownloadFailed: HF_ENDPOINT is no web address, or downloads are forbidden.
    """
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        raise DownloadFailed(
            "HF_HUB_OFFLINE forbids downloads; unset it, or choose a folder that holds the model."
        )
    told = os.environ.get("HF_ENDPOINT", "").strip()
    if not told:
        return HUB
    try:
        parts = urlsplit(told)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or re.search(r"[\s?#\\]", told):
        raise DownloadFailed(
            f"HF_ENDPOINT is {told!r}, which is no web address; set it to one like "
            "https://hub.example.org, or unset it."
        )
    return told.rstrip("/")


def token() -> str:
    """The value of the `Authorization` header of the user's own login, empty without one."""
    from huggingface_hub.utils import build_hf_headers

    try:
        return str(build_hf_headers().get("authorization", ""))
    except Exception:  # noqa: BLE001 - a login that cannot be read or renewed: go without
        return ""


def listing_url(base: str, model_id: str, revision: str) -> str:
    """What `HfApi.model_info(..., files_metadata=True)` asks."""
    return f"{base}/api/models/{model_id}/revision/{quote(revision, safe='')}?blobs=true"


def file_url(base: str, model_id: str, commit: str, name: str) -> str:
    """Where one file of one version lies; the hub sends us on to its store from there."""
    return f"{base}/{model_id}/resolve/{commit}/{quote(name)}"


def read_listing(
    base: str, model_id: str, revision: str, data: bytes
) -> tuple[str, list[RemoteFile]]:
    """The commit and the files of it that we need, small ones first.

    Raises:
        DownloadFailed: it is no listing, or offers nothing that may be loaded or verified.
    """
    where = shown(base)
    try:
        told: Any = json.loads(data)
        commit = str(told.get("sha") or "")
        listed = [_remote(entry) for entry in cast("list[dict[str, Any]]", told["siblings"])]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        if data.lstrip()[:1] == b"<":
            raise _web_page(where) from error
        raise DownloadFailed(
            f"{where} does not answer as the hub does; is it a mirror? {REMEDY}"
        ) from error
    if not re.fullmatch(r"[0-9a-f]{7,64}", commit):
        raise DownloadFailed(f"{where} does not tell which version of {model_id} it has. {REMEDY}")
    if re.fullmatch(r"[0-9a-f]{40}", revision) and commit != revision:
        raise DownloadFailed(
            f"{where} has another version of {model_id} than the one that Photosift was tested "
            f"with. {REMEDY}"
        )
    _refuse_unsafe(where, [name for name, *_ in listed])
    needed = _needed({name for name, *_ in listed})
    files = [_described(where, entry) for entry in listed if entry[0] in needed]
    if not any(file.name.endswith(".safetensors") for file in files):
        raise DownloadFailed(
            f"{model_id} is offered without safetensors weights, which are the only ones that "
            "are safe to load. Choose another model."
        )
    if not any(file.name == "config.json" for file in files):
        raise DownloadFailed(
            f"{model_id} has no config.json, so it cannot be loaded. Choose another model."
        )
    return commit, sorted(files, key=lambda file: (file.size, file.name))


def _remote(entry: dict[str, Any]) -> tuple[str, Any, Any, Any]:
    lfs: Any = entry.get("lfs") or {}
    return str(entry["rfilename"]), entry.get("size"), lfs.get("sha256"), entry.get("blobId")


def _needed(names: set[str]) -> set[str]:
    """What is loaded of a repository: no second copy of the weights, no other framework's.

    Cost: linear in the names, which a lying mirror may have many of.
    """
    needed = names & _WANTED
    if _SINGLE in names:
        return needed | {_SINGLE}
    shards: dict[str, set[str]] = {}
    for name in names if _INDEX in names else ():
        if (found := _SHARD.fullmatch(name)) and 1 <= int(found[1]) <= int(found[2]):
            shards.setdefault(found[2], set()).add(name)
    for total, whole in sorted(shards.items()):
        if len(whole) == int(total):
            return needed | whole | {_INDEX}
    return needed


def _described(where: str, entry: tuple[str, Any, Any, Any]) -> RemoteFile:
    name, size, sha256, blob = entry
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise DownloadFailed(f"{where} does not tell the size of {name}; is it a mirror? {REMEDY}")
    # for files in large file storage, git's hash is that of a pointer
    sha256 = sha256 if isinstance(sha256, str) and re.fullmatch(r"[0-9a-f]{64}", sha256) else ""
    blob = blob if isinstance(blob, str) and re.fullmatch(r"[0-9a-f]{40}", blob) else ""
    if not sha256 and not blob:
        raise DownloadFailed(
            f"{where} lists no hash for {name}, so what it sends could not be verified; "
            f"is it a complete mirror? {REMEDY}"
        )
    return RemoteFile(name, size, sha256, "" if sha256 else blob)


def _refuse_unsafe(where: str, names: list[str]) -> None:
    """Names that would land elsewhere, on this or another system, are an attack or a defect."""
    seen: set[str] = set()
    for name in names:
        parts = name.split("/")
        bad = any(
            part in ("", ".", "..") or _RESERVED.fullmatch(part) or re.search(r'[\\:\0-\x1f]', part)
            for part in parts
        )  # fmt: skip
        if bad or name.casefold() in seen:
            raise DownloadFailed(
                f"{where} lists a file named {name[:80]!r}, which is not safe to save. {REMEDY}"
            )
        seen.add(name.casefold())


def start_of(answer: Answer, file: RemoteFile, asked: int) -> int:
    """Where in the file the body of an answer begins: at 0, or where we asked to go on.

    Raises:
        Again: these bytes cannot be used.
    """
    where = shown(answer.url)
    if answer.headers.get("content-type", "").startswith("text/html"):
        raise Again(_web_page(where))
    length = answer.headers.get("content-length", "")
    packed = answer.headers.get("content-encoding", "identity") not in ("", "identity")
    if answer.status == 206:
        found = re.fullmatch(
            r"bytes ([0-9]{1,18})-[0-9]+/([0-9]+|\*)", answer.headers.get("content-range", "")
        )
        fits = found is not None and int(found[1]) == asked and not packed
        if not fits or (found and found[2] not in ("*", str(file.size))):
            raise WrongPart(DownloadFailed(f"{where} sends another part than asked for. {REMEDY}"))
        return asked
    if re.fullmatch(r"[0-9]{1,18}", length) and not packed and int(length) != file.size:
        raise Again(
            DownloadFailed(
                f"{where} sends {int(length):,} bytes for {file.name}, but the hub lists "
                f"{file.size:,}. {REMEDY}"
            )
        )
    return 0


def check_status(answer: Answer, what: str, model_id: str, base: str, now: float) -> None:
    """Turn a refusal into its meaning.

    Args:
        answer: of the hub, of a mirror, or of the store of large files that it sends us to.
        what: the file's name; empty for the listing.
        model_id: as the user knows it.
        base: the endpoint that was asked.
        now: seconds since 1970, for dates in the answer.

    Raises:
        Again: it may pass.
        DownloadFailed: it will not.
    """
    status, code = answer.status, answer.headers.get("x-error-code", "")
    where = shown(answer.url)
    if status in (200, 206):
        return
    if status in _PASSING:
        wait_s = retry_after(answer.headers, now)
        if wait_s is not None and wait_s > PATIENCE_S:
            raise DownloadFailed(
                f"{where} has no time for us for {_duration(wait_s)}. Try again then; what came "
                "so far is kept."
            )
        told = "too many requests" if status == 429 else f"error {status}"
        raise Again(DownloadFailed(f"{where} answered with {told}. {REMEDY}"), wait_s)
    if status == 407:
        raise _locked_proxy()
    if where != shown(base) and status in (401, 403, 404, 410):  # a signed address that ran out
        raise Again(DownloadFailed(f"{where} answered with error {status}. {REMEDY}"))
    if code == "GatedRepo":
        raise DownloadFailed(
            f"{where} gives {model_id} only to people who accepted its terms there: do so in a "
            "browser and log in with `hf auth login`, or choose a folder that holds the model."
        )
    if status in (401, 403):
        raise DownloadFailed(
            f"{where} does not give {model_id} to everyone: it is private or does not exist. "
            f"{REMEDY}"
        )
    if code == "RevisionNotFound":
        raise DownloadFailed(
            f"{where} no longer has the version of {model_id} that Photosift was tested with. "
            f"Update Photosift. {REMEDY}"
        )
    if status in (404, 410):
        if what:
            raise DownloadFailed(f"{where} lists {what} of {model_id} but has it not. {REMEDY}")
        doubt = "" if code else ", or is no mirror of the hub"
        raise DownloadFailed(f"{where} has no model {model_id}{doubt}. {REMEDY}")
    raise DownloadFailed(f"{where} answered with error {status}. {REMEDY}")


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that a server asks us to wait: `Retry-After` in both forms, or `RateLimit`."""
    told = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+", told):
        return min(float(told), 1e6)
    if told:
        try:
            when = parsedate_to_datetime(told)
        except ValueError:
            return None
        return max(0.0, (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now)
    limit = re.search(r"r\s*=\s*0\s*;\s*t\s*=\s*([0-9]{1,6})", headers.get("ratelimit", ""))
    return float(limit[1]) if limit else None


def broken(error: Exception, base: str) -> Again | DownloadFailed:
    """What a failure of the network means; `Again` for what may pass by itself."""
    from huggingface_hub.utils import httpx

    with contextlib.suppress(RuntimeError, AttributeError):  # it did not come to a request
        base = str(cast("Any", error).request.url)
    where = shown(base)
    causes: list[BaseException] = [error]
    while (deeper := causes[-1].__cause__ or causes[-1].__context__) and len(causes) < 20:
        causes.append(deeper)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return DownloadFailed(
            f"The certificate of {where} is not one that this computer trusts: a proxy or a virus "
            "scanner may read along. Set SSL_CERT_FILE to its certificate, or use another network."
        )
    if isinstance(error, httpx.ProxyError):
        if str(error).startswith("407"):
            return _locked_proxy()
        reason = f"the proxy does not let us through: {error}"
    elif isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol)):
        return DownloadFailed(f"{where} cannot be reached ({error}). {REMEDY}")
    elif any(isinstance(cause, socket.gaierror) for cause in causes):
        reason = "its name is not known: no connection to the internet?"
    elif any(isinstance(cause, ssl.SSLError) for cause in causes):
        reason = "it does not speak https, or something between speaks another"
    elif isinstance(error, httpx.TimeoutException):
        reason = "it does not answer"
    elif isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.DecodingError):
        return Again(DownloadFailed(f"The connection to {where} broke off. {REMEDY}"))
    else:
        reason = re.sub(r"\[Errno -?\d+\] ", "", str(error)) or type(error).__name__
    if proxy := _proxy(base):
        reason += f"; the proxy {shown(proxy)} is between"
    return Unreachable(DownloadFailed(f"{where} cannot be reached ({reason}). {REMEDY}"))


def _locked_proxy() -> DownloadFailed:
    return DownloadFailed(
        "The proxy wants a user name and a password. Put them into HTTPS_PROXY, as in "
        "http://name:password@host:port, then try again."
    )


def _proxy(base: str) -> str:
    """The proxy of the environment or the system for an address; empty for none."""
    parts, known = urlsplit(base), getproxies()
    if proxy_bypass(parts.netloc):
        return ""
    return known.get(parts.scheme, "") or known.get("all", "")


def _web_page(where: str) -> DownloadFailed:
    return DownloadFailed(
        f"{where} answers with a web page where the model should be: open a browser and log in to "
        "this network, or correct HF_ENDPOINT, then try again."
    )


def _duration(seconds: float) -> str:
    if seconds >= 5400:
        return f"{seconds / 3600:.0f} hours"
    return f"{seconds / 60:.0f} minutes"
