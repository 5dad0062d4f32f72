"""Every fault of a package: nothing half there is used, and the reason is told."""

import gzip
import io
import random
import tarfile

import pytest
from data_server import PAGE
from test_corpora_disk import small_disk
from test_npm import FILES, archive, left_behind, serve  # noqa: F401

from course_utils.corpora import fetching
from presenting import npm, npm_archives

pytestmark = pytest.mark.offline  # all servers are on loopback

BIG = archive(FILES | {f"package/{i}": random.Random(i).randbytes(6000) for i in range(99)})
ANSWERS = {
    "forbidden": "the server answered 403 Forbidden",
    "broken": "the server answered 500",
    "circle": "the address cannot be used",
    "nowhere": "the address cannot be used",
    "silent": "the server did not answer in time",
    "stalled": "the server did not answer in time",
    "reset": "no connection",
    "torn": "the connection was cut",
    "longer": "its checksum is not the one",
    "shorter": "its checksum is not the one",
    "unannounced": "its checksum is not the one",
    "garbled": "what came is not a package of npm|its checksum",
    "endless": "more came than the",
}


@pytest.mark.parametrize("mode", ANSWERS)
def test_bad_answers(serve, monkeypatch, tmp_path, mode):  # noqa: F811
    monkeypatch.setattr(npm, "MOST_BYTES", 2**21)
    server = serve(BIG, mode)
    with monkeypatch.context() as impatient:
        if mode in ("silent", "stalled"):  # only where waiting is the fault: a busy machine is slow
            impatient.setattr(fetching, "TIMEOUT", (0.4, 0.4))
        with pytest.raises(npm.PackageError, match=ANSWERS[mode]):
            npm.package("sample")
    assert left_behind(tmp_path) == []
    server.release.set()
    serve(BIG, "good")
    assert (npm.package("sample") / "98").is_file()
    assert left_behind(tmp_path) == ["sample-1.2.0"]


def test_a_transfer_without_end(serve, monkeypatch, tmp_path):  # noqa: F811
    monkeypatch.setattr(npm, "DEADLINE", 0.3)
    serve(BIG, "drip")
    with pytest.raises(npm.PackageError, match="not complete after 0.3 seconds"):
        npm.package("sample")
    assert left_behind(tmp_path) == []
    assert fetching.DEADLINE > 60


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("size=200k", "the disk is full"),
        ("size=9m,nr_inodes=20", "the disk is full"),
        ("size=9m,ro", "the folder cannot be written"),
    ],
)
def test_a_disk_that_refuses(serve, monkeypatch, tmp_path, options, reason):  # noqa: F811
    serve(BIG)
    with small_disk(tmp_path / "disk", options) as disk:
        monkeypatch.setenv("COURSE_NPM_DIR", str(disk))
        with pytest.raises(npm.PackageError, match=reason):
            npm.package("sample")
        assert [*disk.iterdir()] == []


def damaged_stream():
    """Return an archive whose compressed bytes are wrong in the middle."""
    content = bytearray(BIG)
    content[len(content) // 2] ^= 255
    return bytes(content)


def cut_tar():
    """Return an archive that ends in the middle of a file."""
    plain = gzip.decompress(BIG)
    return gzip.compress(plain[: len(plain) // 2])


@pytest.mark.parametrize(
    "content",
    [damaged_stream(), cut_tar(), BIG[:-9], gzip.compress(b""), gzip.compress(PAGE * 99)],
    ids=["damaged", "cut tar", "cut gzip", "empty", "page"],
)
def test_a_damaged_archive_with_the_right_checksum(serve, tmp_path, content):  # noqa: F811
    serve(content)
    with pytest.raises(npm.PackageError, match="could not be fetched"):
        npm.package("sample")
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("content", ["[]", "3", "null", "{", '{"name": 1}', "[" * 99999, ""])
def test_a_package_whose_manifest_is_damaged_is_fetched_again(serve, tmp_path, content):  # noqa: F811
    serve(archive())
    folder = npm.package("sample")
    (folder / "package.json").write_text(content, encoding="utf-8")
    (folder / "dist" / "a.js").unlink()
    assert (npm.package("sample") / "dist" / "a.js").is_file()


def special(kind, *, name="package/x", link="", size=0):
    """Return an archive with one member that is no file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.type, member.linkname, member.size = kind, link, size
        tar.addfile(member)
    return buffer.getvalue()


KINDS = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]


@pytest.mark.parametrize("kind", KINDS, ids=["symlink", "link", "char", "block", "fifo"])
@pytest.mark.parametrize("link", ["/etc/passwd", "../../../etc/passwd", "package.json"])
def test_links_and_devices_are_refused(serve, tmp_path, kind, link):  # noqa: F811
    serve(special(kind, link=link))
    with pytest.raises(npm.PackageError, match="does not belong in a package"):
        npm.package("sample")
    assert left_behind(tmp_path) == []


def bomb():
    """Return a small archive of a file with many zeros."""
    return archive({"package/zeros": bytes(2**20)})


def bomb_in_a_header():
    """Return a small archive whose first header says that its text is very long."""
    member = tarfile.TarInfo("package/x")
    member.type, member.size = tarfile.XHDTYPE, 2**20
    return gzip.compress(member.tobuf() + bytes(2**20))


def sparse_bomb():
    """Return an archive of a file that is nearly all hole."""
    member = tarfile.TarInfo("package/x")
    member.type = tarfile.GNUTYPE_SPARSE
    block = bytearray(member.tobuf())
    block[483:495] = b"%011o\0" % 2**30  # the length when the holes are filled
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return gzip.compress(bytes(block) + bytes(1024))


@pytest.mark.parametrize("make", [bomb, bomb_in_a_header, sparse_bomb])
def test_a_bomb_is_refused(serve, monkeypatch, tmp_path, make):  # noqa: F811
    monkeypatch.setattr(npm_archives, "MOST_BYTES", 2**19)
    serve(make())
    assert len(make()) < 5000
    with pytest.raises(npm.PackageError, match="the archive unpacks to more than"):
        npm.package("sample")
    assert left_behind(tmp_path) == []


def test_the_limit_leaves_room_for_the_real_packages():
    for name in npm.pins():
        try:
            folder = npm.package(name)
        except npm.PackageError:
            pytest.skip("the packages are not here")
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        assert size < npm_archives.MOST_BYTES / 5
