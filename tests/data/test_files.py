"""Files of public sets: found, downloaded from a server of this test, checked; what is said when they are nowhere."""

from __future__ import annotations

import functools
import gzip
import hashlib
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gradiens.core.check import Failure, Mistake
from gradiens.data.files import Remote, cache_folder, content, locate

CONTENT = b"0123456789" * 1000
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIENS_DATA", str(tmp_path / "shared"))
    monkeypatch.setenv("GRADIENS_CACHE", str(tmp_path / "cache"))
    return tmp_path


class Quiet(SimpleHTTPRequestHandler):
    hits = 0

    def do_GET(self):
        Quiet.hits += 1
        super().do_GET()

    def log_message(self, format, *args):
        pass


@pytest.fixture
def server(tmp_path):
    served = tmp_path / "served"
    served.mkdir()
    (served / "good.gz").write_bytes(gzip.compress(CONTENT))
    (served / "bad.gz").write_bytes(gzip.compress(CONTENT[1:]))
    (served / "cut.gz").write_bytes(gzip.compress(CONTENT)[:-5])
    (served / "plain.csv").write_bytes(CONTENT)
    Quiet.hits = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(served))) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}/"
        http.shutdown()
        thread.join()


def put(folder, name, data):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize(("name", "data"), [("f.gz", gzip.compress(CONTENT, 1)), ("f", CONTENT)], ids=["gzip", "plain"])
def test_found_packed_or_plain_and_the_shared_folder_first(folders, name, data):
    put(folders / "cache" / "set", "f.gz", b"not looked at")
    path = put(folders / "shared" / "set", name, data)
    remote = Remote("set", "f.gz", SHA, "http://127.0.0.1:9/never")
    assert locate(remote) == path and content(remote) == CONTENT


def test_downloaded_once_into_the_cache(folders, server):
    remote = Remote("set", "good.gz", SHA, server + "good.gz")
    assert content(remote) == CONTENT and content(remote) == CONTENT
    assert Quiet.hits == 1
    assert [p.name for p in (folders / "cache" / "set").iterdir()] == ["good.gz"]


def test_plain_file_from_the_server(server):
    assert content(Remote("set", "plain.csv", SHA, server + "plain.csv")) == CONTENT


@pytest.mark.parametrize("name", ["bad.gz", "cut.gz", "none.gz"])
def test_what_is_not_the_file_is_not_kept(folders, server, name):
    with pytest.raises(Failure, match=f"cannot download .*{name}.*put {name} .*{SHA}") as error:
        content(Remote("set", name, SHA, server + name))
    assert "\n" not in str(error.value)
    assert list((folders / "cache" / "set").iterdir()) == []


def test_offline_says_which_file_to_put_where(folders):
    for url in ("http://127.0.0.1:9/f.gz", ""):
        with pytest.raises(Failure) as error:
            locate(Remote("set", "f.gz", SHA, url))
        said = str(error.value)
        assert (
            "put f.gz" in said
            and SHA in said
            and str(folders / "cache" / "set") in said
            and "GRADIENS_DATA/set" in said
        )
        assert "\n" not in said


@pytest.mark.parametrize(
    "data",
    [CONTENT, gzip.compress(CONTENT[1:]), gzip.compress(CONTENT)[:50]],
    ids=["not gzip", "another content", "cut short"],  # a gzip file carries the time: no id of its own accord is stable
)
def test_a_damaged_file_is_named(folders, data):
    path = put(folders / "shared" / "set", "f.gz", data)
    with pytest.raises(Mistake, match=f"another content in {path}"):
        content(Remote("set", "f.gz", SHA))


def test_a_cache_that_cannot_be_written(folders, monkeypatch, server):
    put(folders, "file", b"")
    monkeypatch.setenv("GRADIENS_CACHE", str(folders / "file"))
    with pytest.raises(Failure, match="set GRADIENS_CACHE"):
        locate(Remote("set", "good.gz", SHA, server + "good.gz"))


def test_the_cache_of_the_user_by_default(monkeypatch):
    monkeypatch.delenv("GRADIENS_CACHE")
    assert "gradiens" in str(cache_folder())
