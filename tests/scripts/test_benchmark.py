"""The benchmarks add up and answer in the promised shape; how fast they are is not tested."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from features.catalog import read_catalog
from features.detection import load_detector
from features.errors import CatalogError
from features.extractors import Extractor
from features.images import decode, picture_format
from features.types import CatalogEntry, ExtractorSpec, Image, Pixels, Vectors
from scripts import benchmark
from scripts.asking import multipart
from scripts.benchmarks import (
    adapt,
    change,
    clients,
    extract,
    extractors,
    limit,
    regions,
    scale,
    search,
    serve,
    similar,
    sync,
    video,
    words,
)
from scripts.benchmarks.clustered import clustered, clustered_file
from scripts.benchmarks.enlarged import enlarged, large_photo
from scripts.benchmarks.machine import description, usable_cores
from scripts.benchmarks.table import as_table
from scripts.bootstrap import ROOT
from scripts.clips import MP4
from scripts.live_server import ServerFailedError, live_server
from tests.helpers import picture, run_python
from tests.scripts.commands import Command

pytestmark = pytest.mark.slow

KEYS = ["engine", "n", "dim", "p50_ms", "p95_ms", "recall", "build_s", "bytes"]
TINY = ["--n", "64", "--dim", "8", "--k", "3", "--queries", "2"]


class _Thumbnails(Extractor):
    """An extractor that needs no network: a thumbnail's numbers."""

    spec = ExtractorSpec("thumbnails", 48, 4, "none", "0" * 64)

    def prepare(self, image: Image) -> Pixels:
        return np.asarray(image.resize((4, 4)))

    def forward(self, batch: Sequence[Pixels]) -> Vectors:
        return np.stack(batch).reshape(len(batch), -1).astype(np.float32)


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    lines = ["id,title,image"]
    for number in range(6):
        drawn = random.integers(0, 256, (40, 40, 3), dtype=np.uint8)
        Pillow.fromarray(drawn).save(tmp_path / f"{number}.png")
        lines.append(f"p{number // 2},Product {number // 2},{number}.png")
    path = tmp_path / "catalog.csv"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def photo(catalog: Path) -> bytes:
    return (catalog.parent / "0.png").read_bytes()


class _Echo(BaseHTTPRequestHandler):
    """Answers a form with the names and sizes of its parts."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if b"refuse" in body:
            self._answer(400, {"code": "refused"})
        else:
            self._answer(200, _parts(self.headers["Content-Type"], body))

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def echo() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_every_exact_engine_finds_all_true_neighbours() -> None:
    figures = {one.engine: one for one in search.measure_search(n=300, dim=16, k=5, queries=4)}
    assert list(figures) == [
        "ours",
        "ours: exact",
        "naive loop",
        "numpy",
        "faiss flat",
        "faiss flat, 1 thread",
        "usearch exact, f16",
        "usearch hnsw, i8",
        "limit of any scan",
    ]
    exact = ("ours", "ours: exact", "naive loop", "numpy", "faiss flat", "faiss flat, 1 thread")
    assert {figures[name].recall for name in exact} == {1.0}
    assert figures["limit of any scan"].recall is None


def test_search_figures_count_the_bytes_of_all_vectors() -> None:
    figures = {one.engine: one for one in search.measure_search(n=50, dim=8, queries=1)}
    assert figures["ours"].bytes >= 50 * 8 * 4
    assert figures["naive loop"].bytes >= 50 * 8 * 4


def test_more_neighbours_than_vectors_can_be_asked_for() -> None:
    figures = search.measure_search(n=4, dim=8, k=20, queries=1)
    assert figures[0].recall == 1.0


def test_search_prints_a_json_list_with_exactly_the_promised_keys() -> None:
    done = run_python("scripts/benchmark.py", "search", *TINY, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert next(one["engine"] for one in answer) == "ours"
    assert all(list(one) == KEYS for one in answer)
    assert {one["n"] for one in answer} == {64}


@pytest.fixture
def few_are_worth_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Building one over 20,000 rows takes seconds."""
    monkeypatch.setattr("features.index.approximate.WORTH_IT", 2_000)


@pytest.mark.usefixtures("few_are_worth_an_index")
def test_a_large_gallery_is_searched_with_an_index_and_beside_others() -> None:
    figures = search.measure_search(n=2_100, dim=32, k=10, queries=5)
    ours = {one.engine: one for one in figures if one.engine.startswith("ours")}
    assert list(ours) == ["ours", "ours: exact", "ours: ivfpq"]
    assert all(one.recall is not None and one.recall >= 0.9 for one in ours.values())
    assert ours["ours"].bytes > ours["ours: exact"].bytes


@pytest.mark.slow
def test_scale_tells_of_building_filters_and_memory() -> None:
    figures = scale.measure_scale(n=21_000, dim=32, k=10, queries=5)
    assert figures.n == 21_000
    assert figures.index_mb > 21_000 * 32 / 1e6
    assert figures.search_mb > 0
    assert figures.build_mb > 0
    assert [one.share for one in figures.searched] == [1.0, 0.1, 0.01, 0.001]
    assert all(one.recall >= 0.9 for one in figures.searched)


def test_the_table_says_what_it_was_measured_on(command: Command) -> None:
    printed = command(benchmark, "search", *TINY).stdout
    assert f"{usable_cores()} cores usable" in printed
    assert "OMP_NUM_THREADS" in printed
    assert "faiss flat, 1 thread" in printed


def test_clustered_vectors_have_length_one_and_do_not_change_from_run_to_run() -> None:
    first, again = (
        np.concatenate(list(clustered(np.random.default_rng(7), 50, 8))) for _ in range(2)
    )
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(first, again)


def test_queries_come_from_the_clusters_but_not_from_the_file(tmp_path: Path) -> None:
    queries = clustered_file(tmp_path / "v.npy", np.random.default_rng(7), 300, 40, 8)
    everything = np.concatenate(list(clustered(np.random.default_rng(7), 340, 8, centres=3)))
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), everything[:300])
    np.testing.assert_array_equal(queries, everything[300:])


def test_the_extraction_ratio_follows_from_the_figures_beside_it(catalog: Path) -> None:
    figures = _measure_extraction(catalog)
    limit = usable_cores() * 1000 / (figures.decode_cpu_ms + figures.model_cpu_ms)
    assert figures.pictures == 6
    assert figures.limit_per_second == pytest.approx(limit)
    assert figures.ratio_percent == pytest.approx(100 * figures.pipeline_per_second / limit)
    share = figures.pipeline_cpu_ms / (figures.pipeline_cpu_ms + figures.waiting_ms)
    assert figures.cpu_ratio_percent * share == pytest.approx(figures.ratio_percent)
    resizing = figures.prepare_cpu_ms / (figures.decode_cpu_ms + figures.model_cpu_ms)
    assert figures.resized_ratio_percent == pytest.approx(figures.ratio_percent * (1 + resizing))


def test_the_extraction_table_shows_limit_pipeline_and_ratio(catalog: Path) -> None:
    figures = _measure_extraction(catalog)
    values = {line.rsplit("  ", 1)[-1].strip() for line in figures.as_text().splitlines()}
    assert f"{figures.limit_per_second:.1f}" in values
    assert f"{figures.pipeline_per_second:.1f}" in values
    assert f"{figures.ratio_percent:.1f}" in values


def test_the_extraction_json_has_the_derived_figures_too(catalog: Path) -> None:
    answer = json.loads(json.dumps(_measure_extraction(catalog).as_json()))
    assert {"decode_cpu_ms", "limit_per_second", "ratio_percent"} <= set(answer)


def test_extraction_is_measured_with_photos_of_the_size_that_was_asked_for(catalog: Path) -> None:
    figures = extract.measure_extraction(
        read_catalog(catalog), catalog.parent, _Thumbnails(), rounds=1, megapixels=0.3
    )
    assert figures.pictures == 6
    assert 0.9 < figures.cosine_min <= figures.cosine_mean <= 1.000001
    assert figures.decode_ratio == figures.decode_cpu_ms / figures.full_decode_cpu_ms
    assert f"{figures.decode_ratio:.2f}" in figures.as_text()
    assert 0 < figures.input_ratio == figures.as_json()["input_ratio"]


def test_enlarged_pictures_are_jpegs_of_that_many_pixels(catalog: Path, tmp_path: Path) -> None:
    (tmp_path / "large").mkdir()
    entries = [e for e in read_catalog(catalog) if isinstance(e, CatalogEntry)]
    made = enlarged(entries, catalog.parent, tmp_path / "large", 0.25)
    assert [len(e.pictures) for e in made] == [2, 2, 2]
    for entry in made:
        for shown in entry.pictures:
            data = (tmp_path / "large" / shown.location).read_bytes()
            assert picture_format(data) == "JPEG"
            assert decode(data).size == pytest.approx((500, 500), abs=10)


def test_what_cannot_be_enlarged_is_named(catalog: Path, tmp_path: Path) -> None:
    (catalog.parent / "3.png").write_bytes(b"no picture")
    entries = [e for e in read_catalog(catalog) if isinstance(e, CatalogEntry)]
    with pytest.raises(CatalogError, match=r"3\.png"):
        enlarged(entries, catalog.parent, tmp_path, 0.25)


def test_a_picture_larger_than_any_allowed_is_not_made(command: Command) -> None:
    assert "--megapixels" in command(benchmark, "extract", "--megapixels", "65").stderr


def test_fewer_pictures_are_spread_over_the_catalogue(catalog: Path) -> None:
    assert _measure_extraction(catalog, pictures=3).pictures == 3
    assert _measure_extraction(catalog, pictures=100).pictures == 6


def test_a_catalogue_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no pictures"):
        extract.measure_extraction([], tmp_path, _Thumbnails())


def test_a_missing_catalogue_is_an_error_with_status_2(command: Command) -> None:
    done = command(benchmark, "extract", "no-such-catalogue.csv")
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")


def test_a_count_of_zero_is_refused(command: Command) -> None:
    assert "--n" in command(benchmark, "search", "--n", "0").stderr


def test_help_names_all_benchmarks(command: Command) -> None:
    printed = command(benchmark, "--help").stdout
    assert all(name in printed for name in ("extract", "extractors", "search", "adapt", "serve"))


def test_region_figures_come_by_set_and_a_missing_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL_SEARCH_TEST_DATA", str(tmp_path))
    figures = regions.measure_regions(load_detector("regions"), montages=2)
    assert [one.set for one in figures] == ["drawn photos", "drawn items, pasted"]
    assert (figures[0].pictures, figures[0].items) == (17, 27)
    assert all(0.5 < one.recall <= 1 for one in figures)
    assert "skipped: real photos" in regions.as_text(figures)
    assert json.loads(json.dumps(regions.as_json(figures)))[1]["pictures"] == 2


def test_the_search_stage_is_measured_in_a_store_of_random_vectors(photo: bytes) -> None:
    assert len(serve.measure_search_stage(_Thumbnails(), photo, requests=3, rows=200)) == 3


def test_the_first_round_is_not_counted() -> None:
    calls: list[str] = []
    times = serve.measure_by_turns([lambda: calls.append("a"), lambda: calls.append("b")], 2)
    assert calls == ["a", "b"] * 3
    assert [len(one) for one in times] == [2, 2]


def test_a_photo_is_posted_as_a_form(echo: str, photo: bytes) -> None:
    answer = json.loads(serve.post_photo(echo, photo))
    assert answer == {"limit": 2, "image": len(photo)}


def test_watching_a_video_is_measured_beside_decoding_it() -> None:
    photos = [picture(1), picture(2)]
    kinds = {"H.264": (MP4, None)}
    (figure,) = video.measure_videos(photos, _Thumbnails(), clips=2, seconds=1, kinds=kinds)
    assert min(figure.indexed.cpu, figure.decoded.cpu, figure.threaded.cpu) > 0
    assert figure.times_sooner == figure.decoded.wall / figure.indexed.wall
    assert "H.264" in video.as_text([figure])
    assert video.as_json([figure])[0]["times"] == figure.times


def test_a_refused_photo_is_an_error_that_quotes_the_answer(echo: str) -> None:
    with pytest.raises(ServerFailedError, match=r"400.*refused"):
        serve.post_photo(echo, b"refuse")


def test_a_server_without_a_store_is_reported_and_stopped(tmp_path: Path) -> None:
    with (
        pytest.raises(ServerFailedError, match="did not get ready"),
        live_server(ready_within_s=3, STORE=str(tmp_path / "none")),
    ):
        pytest.fail("it got ready")


def test_the_machine_is_described_in_four_lines() -> None:
    assert len(description().splitlines()) == 4


def test_table_columns_line_up() -> None:
    assert as_table(("name", "ms"), [("a", "1.00"), ("longer", "10.00")]) == (
        "name       ms\na        1.00\nlonger  10.00"
    )


def _measure_extraction(catalog: Path, pictures: int | None = None) -> extract.ExtractFigures:
    return extract.measure_extraction(
        read_catalog(catalog), catalog.parent, _Thumbnails(), pictures=pictures, rounds=1
    )


def _parts(content_type: str, body: bytes) -> dict[str, object]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    form = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + body)
    found: dict[str, object] = {}
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        found[str(name)] = len(part.get_payload(decode=True))
    return found


def test_an_unchanged_run_is_measured_beside_the_first() -> None:
    figures = sync.measure_sync(3, runs=1)
    assert figures.products == 3
    assert figures.share == figures.unchanged_s / figures.first_s > 0
    assert figures.as_json()["share"] == figures.share
    assert "nothing changed" in figures.as_text()


def test_a_run_that_does_more_than_it_should_is_no_figure(catalog: Path, tmp_path: Path) -> None:
    with pytest.raises(sync.RunFailedError, match="embedded 6 pictures, not 0"):
        sync._timed_run(catalog, tmp_path / "store", new=0)
    with pytest.raises(sync.RunFailedError, match="there is no catalogue"):
        sync._timed_run(tmp_path / "none.csv", tmp_path / "store", new=0)


def test_adapting_is_measured_beside_the_textbooks_way() -> None:
    figures = adapt.measure_adapting(n=600, dim=32, each=10)
    ours, textbook = figures.ways
    assert ours.right > ours.right_before
    assert textbook.right > textbook.right_before
    assert min(ours.seconds, ours.own_mb, textbook.seconds, textbook.own_mb) > 0
    assert json.loads(json.dumps(figures.as_json()))["n"] == 600
    assert "times ours" in figures.as_text()


def test_a_store_of_single_pictures_is_nothing_to_measure_adapting_with(command: Command) -> None:
    done = command(benchmark, "adapt", "--n", "60", "--dim", "8", "--each", "1")
    assert (done.returncode, "tell nothing" in done.stderr) == (2, True)


def test_extractors_are_measured_and_those_without_weights_say_why(
    catalog: Path, tmp_path: Path
) -> None:
    queries = tmp_path / "queries.csv"
    queries.write_text("image,product_id\n0.png,p0\n4.png,p2\n")
    asked = extractors.Questions.of(queries, catalog, catalog)
    photos = [query.path for query in asked.queries]
    table = extractors.measure_extractors(["efficientnet_lite0", "none"], photos, asked)
    one, other = table.extractors
    assert (one.dim, one.recall_photos, one.recall_shop) == (1280, 1.0, 1.0)
    assert one.own_mb is not None
    assert one.own_mb > table.bare_mb > 0
    assert (other.dim, other.missing) == (None, "unknown_extractor")
    assert json.loads(json.dumps(table.as_json()))["bare_mb"] == table.bare_mb
    assert [line.split()[-1] for line in table.as_text().splitlines()[1:3]] == [
        "Apache-2.0",
        "unknown_extractor",
    ]


def test_a_change_is_found_by_every_search_after_its_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(change, "_WORKERS", 2)
    monkeypatch.setattr(change, "_SEARCHES", 6)
    figures = change.measure_changes(rows=50, changes=2)
    assert (figures.rows, figures.changes, figures.missed) == (50, 2, 0)
    assert 0 < figures.answered_ms < figures.found_ms
    assert "missed a change: 0" in figures.as_text()


def test_similar_products_are_asked_for_anew_and_from_kept_answers() -> None:
    figures = similar.measure_similar(rows=60, requests=5)
    assert (figures.rows, figures.requests) == (60, 5)
    assert 0 < figures.stage_p50_ms < figures.http_p50_ms <= figures.http_p95_ms
    assert 0 < figures.not_modified_p50_ms <= figures.not_modified_p95_ms
    assert figures.as_json()["ready_s"] == figures.ready_s > 0
    assert "not modified (304)" in figures.as_text()


def test_a_server_that_does_not_know_a_product_gives_no_figure(echo: str) -> None:
    connection = HTTPConnection(echo.removeprefix("http://"))
    with closing(connection), pytest.raises(similar.ServerFailedError, match="501"):
        similar._ask_twice(connection, 1)


def test_a_large_store_is_served_beside_the_limit_of_the_machine(
    catalog: Path, photo: bytes
) -> None:
    work = limit.Work(requests=3, clients=3, seconds=0.5, workers=2, threads=2)
    with serve.sample_store(catalog) as seed:
        figures = limit.measure_large(seed, photo, 300, work)
    assert (figures.rows, figures.workers, figures.clients) == (300, 2, 3)
    assert figures.http_p50_ms > figures.decode_ms + figures.network_ms > figures.decode_ms > 0
    assert figures.latency_ratio > figures.embed_latency_ratio > 0
    assert figures.embed_ratio_percent > figures.ratio_percent > 0
    assert figures.server_ratio_percent > figures.ratio_percent
    cpu_ms = figures.decode_cpu_ms + figures.network_cpu_ms
    assert figures.cpu_latency_ratio * cpu_ms == pytest.approx(figures.http_p50_ms)
    assert figures.server_cpu_ms > figures.client_cpu_ms > 0
    assert figures.worker_mb > 50
    assert figures.store_mb >= 1
    assert figures.as_json()["ratio_percent"] == figures.ratio_percent
    assert "% of the limit" in figures.as_text()


def test_a_photo_of_the_benchmark_is_a_jpeg_of_two_megapixels() -> None:
    photos = sorted((ROOT / "static" / "sample" / "photos").glob("*.webp"))
    data = large_photo(photos, 2.0)
    assert picture_format(data) == "JPEG"
    width, height = decode(data).size
    assert width * height == pytest.approx(2_000_000, rel=0.01)
    assert len(data) > 150_000


def test_clients_send_another_photo_each_time_and_give_up_on_a_refusal(echo: str) -> None:
    kind, body = multipart({}, {"image": b"photo" + clients.NUMBER})
    load = clients.search_together(echo, kind, body, clients=2, seconds=0.2)
    assert load.answered > 1
    assert load.client_cpu_s > 0
    assert 0 < load.p50_ms <= load.p95_ms
    with pytest.raises(ServerFailedError, match="400"):
        clients.search_together(echo, kind, body + b"refuse", clients=2, seconds=0.2)


def test_searching_with_words_is_measured_beside_sqlite_and_a_scan() -> None:
    figures = words.measure_words(products=200, queries=3)
    assert figures.kinds[0].kind == "a title"
    assert all(0 < it.ours_ms <= it.ours_p95_ms for it in figures.kinds)
    assert all(it.bare_ms > 0 and it.scan_ms > 0 for it in figures.kinds)
    assert figures.change_ms > 0 and figures.megabytes > 0
    assert figures.as_json()["products"] == 200
    assert "a title with a typo" in figures.as_text()
