"""The shape of the code: who may import whom, and what is never done."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from features.catalog import read_catalog
from features.extractors import Extractor
from features.pipeline import build_store
from tests.helpers import ROOT, pictures_in, run_python, shop

FEATURES = sorted((ROOT / "features").rglob("*.py"))
SERVER = sorted((ROOT / "server").rglob("*.py"))

# Where each heavy package may be imported, and there only inside functions.
HEAVY = {
    "torch": {"features/extractors/conversion.py"},
    "efficientnet_lite_pytorch": {"features/extractors/conversion.py"},
    "openvino": {
        "features/extractors/streams.py",
        "features/extractors/onnx_encoders.py",
        "features/extractors/conversion.py",
        "features/extractors/efficientnet.py",
        "features/extractors/layers.py",
        "features/extractors/quantising.py",
    },
    "faiss": {"features/index/engines.py"},
    "pymilvus": {"features/index/milvus/client.py"},
    "milvus_lite": set(),
    "pandas": {"features/store/export.py"},
    "tensorflow": {"features/extractors/keras_networks.py"},
    "keras": {"features/extractors/keras_networks.py"},
    "av": {"features/videos/opening.py"},
    "cv2": {
        "features/detection/regions.py",
        "features/extractors/colours.py",
        "features/extractors/views.py",
        "features/ground.py",
    },
    "ultralytics": {"features/detection/yolo.py", "features/detection/weights.py"},
    "tokenizers": {"features/extractors/tokenizing.py"},
    "huggingface_hub": {"features/extractors/hub.py"},
    "onnx": set(),
    "h5py": {"features/extractors/keras_weights.py"},
    "dlib": {"features/people/dlib_faces.py"},
    "face_recognition_models": set(),
}
# Each part may import itself and what is named here: arrows only run down.
BASE = {"types", "vectors", "errors", "disk", "closing", "cores", "json_text"}
READERS = {*BASE, "images", "videos", "pictures", "catalog", "store"}
ALLOWED = {
    "types": {"errors"},
    "vectors": {"types"},
    "cache": set(),
    "errors": set(),
    "closing": set(),
    "cores": set(),
    "json_text": set(),
    "disk": set(),
    "telemetry": set(),
    "logs": set(),
    "isolation": BASE,
    "pixels": BASE,
    "images": {*BASE, "isolation", "pixels"},
    "videos": {*BASE, "images", "isolation"},
    "decoder": {*BASE, "isolation", "pixels", "videos"},
    "ground": BASE,
    "parts": BASE,
    "scenes": {*BASE, "ground"},
    "pictures": {*BASE, "images", "videos"},
    "catalog": {*BASE, "images", "pictures", "videos"},
    "store": BASE,
    "adaptation": {*BASE, "store"},
    "extractors": {*READERS, "adaptation", "cache", "ground", "parts", "telemetry"},
    "detection": {*READERS, "cache", "telemetry"},
    "index": {*READERS, "filters", "parts", "telemetry"},
    "pipeline": {*READERS, "extractors", "detection"},
    "synced": {*READERS, "pipeline"},
    "sync": {
        *READERS,
        "adaptation",
        "extractors",
        "detection",
        "pipeline",
        "similarity",
        "synced",
    },
    "collections": {*BASE, "store"},
    "jobs": {*READERS, "collections", "pipeline", "sync", "synced"},
    "edits": {*READERS, "extractors", "pipeline"},
    "changes": {*READERS, "edits", "extractors", "detection", "pipeline"},
    "filters": {*BASE, "store"},
    "similarity": {*READERS, "extractors", "parts"},
    "people": {*BASE, "images", "store"},
    "backup": {*READERS, "adaptation", "collections", "similarity"},
    "repairing": {*READERS, "extractors", "detection", "pipeline"},
    "reembedding": {*READERS, "extractors", "detection", "pipeline", "similarity"},
    "drawn": {*READERS, "extractors", "scenes"},
    "adapting": {*READERS, "adaptation", "drawn", "extractors", "reembedding"},
    "local": {*READERS, "extractors", "pipeline"},
    "text": {*BASE, "store", "filters", "cache"},
    "search": {*READERS, "extractors", "detection", "index", "filters", "similarity", "text"},
    "evaluation": {*READERS, "extractors", "filters", "search", "detection", "ground"},
    "confidence": {*READERS, "index", "search", "evaluation"},
}
NOT_FOR_THE_SERVER = set(HEAVY)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(node: ast.AST, inside: bool = False) -> Iterator[tuple[str, bool]]:
    """Every imported module, and whether a function (or a type checker) holds the import."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name, inside) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            yield child.module or "", inside
        for_types_only = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        held = inside or for_types_only or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from imports(child, held)


def imports_of(path: Path) -> list[tuple[str, bool]]:
    return list(imports(ast.parse(path.read_text(encoding="utf-8"))))


def package(module: str) -> str:
    return module.partition(".")[0]


def test_there_is_something_to_look_at() -> None:
    assert len(FEATURES) > 30


@pytest.mark.parametrize("path", FEATURES, ids=relative)
def test_features_know_nothing_of_http_and_commands(path: Path) -> None:
    used = {package(module) for module, _ in imports_of(path)}
    assert not used & {"server", "scripts", "tests", "flask", "werkzeug", "gunicorn"}


@pytest.mark.parametrize("path", FEATURES, ids=relative)
def test_arrows_inside_features_only_run_down(path: Path) -> None:
    part = path.relative_to(ROOT / "features").parts[0].removesuffix(".py")
    if part == "__init__":
        return
    used = {
        module.split(".")[1] for module, _ in imports_of(path) if module.startswith("features.")
    }
    assert used <= {part, *ALLOWED[part]}


@pytest.mark.parametrize("path", FEATURES, ids=relative)
def test_heavy_packages_stay_inside_the_functions_of_their_adapters(path: Path) -> None:
    for module, inside in imports_of(path):
        if package(module) in HEAVY:
            assert relative(path) in HEAVY[package(module)], module
            assert inside, f"{module} is imported with the file"


@pytest.mark.skipif(not SERVER, reason="there is no server here")
@pytest.mark.parametrize("path", SERVER, ids=relative)
def test_the_server_knows_no_network_and_no_index(path: Path) -> None:
    used = {package(module) for module, _ in imports_of(path)}
    assert not used & {*NOT_FOR_THE_SERVER, "scripts", "tests"}


@pytest.mark.parametrize("path", [*FEATURES, *SERVER], ids=relative)
def test_nothing_is_printed_pickled_or_ended(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not {package(module) for module, _ in imports(tree)} & {"pickle", "marshal", "shelve"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            assert node.id not in {"print", "eval", "exec", "breakpoint", "exit", "quit"}
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in {("sys", "exit"), ("os", "_exit")}
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert isinstance(node.value, ast.Constant)
            assert node.value.value is False


SEARCH = """
import sys
from pathlib import Path
from features.search import open_service
from features.types import Query
service = open_service(Path(sys.argv[1]))
hits = service.search(Query(Path(sys.argv[2]).read_bytes())).hits
assert hits[0].distance == 0.0
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_a_search_needs_neither_torch_nor_tensorflow(tmp_path: Path, extractor: Extractor) -> None:
    build_store(
        read_catalog(shop(tmp_path, 2)), pictures_in(tmp_path), tmp_path / "store", extractor
    )
    done = run_python("-c", SEARCH, tmp_path / "store", tmp_path / "00.png")
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "openvino" in loaded
    assert not loaded & {"torch", "tensorflow", "keras", "faiss", "ultralytics", "flask"}


@pytest.mark.parametrize("path", [*FEATURES, *SERVER], ids=relative)
def test_nothing_that_is_read_can_bring_its_own_code(path: Path) -> None:
    """Keras's whole models hold code; PyTorch's files do unless only weights are read of them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"load_model", "model_from_json", "Lambda", "torch_load"}
        if isinstance(node, ast.keyword) and node.arg == "safe_mode":
            assert ast.unparse(node.value) == "True"
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load":
            assert "weights_only=True" in ast.unparse(node)


def test_this_is_the_python_that_is_promised() -> None:
    assert sys.version_info >= (3, 11)
