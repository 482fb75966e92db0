"""Network drives are known by the mount table."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.files.mounts import is_network_drive

TABLE = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /mnt/nas rw shared:9 - nfs4 nas:/photos rw,vers=4.2
31 22 0:41 / /mnt/nas/local rw - ext4 /dev/sdb1 rw
32 22 0:42 / /mnt/my\040share rw - cifs //server/share rw
33 22 0:43 / /home/a/sftp rw - fuse.sshfs a@b:/ rw
nonsense
"""


@pytest.mark.parametrize(
    ("path", "network"),
    [
        ("/photos", False),
        ("/mnt/nas", True),
        ("/mnt/nas/2020/a", True),
        ("/mnt/nasty", False),
        ("/mnt/nas/local/x", False),
        ("/mnt/my share/x", True),
        ("/home/a/sftp/x", True),
        ("/home/a", False),
    ],
)
def test_the_innermost_mount_decides(path: str, network: bool) -> None:
    assert is_network_drive(Path(path), TABLE) is network


def test_this_system_can_be_asked(tmp_path: Path) -> None:
    assert isinstance(is_network_drive(tmp_path), bool)
