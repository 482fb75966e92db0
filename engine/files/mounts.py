"""Which drives send no change events: network and shared folders, where others do the changing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "davfs", "vboxsf", "prl_fs"}
    | {"fuse.sshfs", "fuse.rclone", "fuse.gvfsd-fuse", "fuse.glusterfs", "fuse.vmhgfs-fuse"}
    | {"fuse.davfs", "fuse.s3fs", "fuse.smbnetfs", "fuse.curlftpfs", "lustre", "virtiofs"}
)
_MOUNTS = Path("/proc/self/mountinfo")


def is_network_drive(path: Path, table: str | None = None) -> bool:
    """Whether changes made from another computer would go unnoticed here.

    Args:
        path: an absolute path.
        table: the text of Linux's mountinfo, if not this system's own. Elsewhere than on Linux
            the systems' own events cover network drives too, and the answer is no.
    """
    if table is None:
        if sys.platform != "linux":
            return False
        try:
            table = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return False
    real = os.path.realpath(path)
    best, kind = "", ""
    for line in table.splitlines():
        fields, _, rest = line.partition(" - ")
        columns = fields.split()
        if len(columns) < 5 or not rest:
            continue
        # Spaces and the like are written as octal numbers.
        point = columns[4].encode("utf-8", "surrogateescape").decode("unicode_escape")
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, rest.split()[0]
    return kind in _NETWORK
