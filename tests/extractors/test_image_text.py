"""Image-text models: as they are published, and what is said of folders that are spoilt."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from features.errors import InvalidWeightsError
from features.extractors import TextExtractor, load_extractor
from features.extractors.published import MODELS
from tests import tiny_models as tiny
from tests.helpers import drawing

UFORM, CLIP = "uform3_multilingual_base", "clip_vit_b16"


@pytest.fixture
def uform(tmp_path: Path) -> Path:
    return tiny.uform_folder(tmp_path / "uform")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return tiny.clip_folder(tmp_path / "clip")


def loaded(name: str, folder: Path) -> TextExtractor:
    extractor = load_extractor(name, folder)
    assert isinstance(extractor, TextExtractor)
    return extractor


def change(path: Path, edit: Callable[[Any], object]) -> None:
    """Edit a JSON file."""
    found = json.loads(path.read_text())
    edit(found)
    path.write_text(json.dumps(found))


def test_a_picture_is_seen_by_the_middle_of_its_shorter_side(clip: Path) -> None:
    extractor = loaded(CLIP, clip)
    image = Pillow.new("RGB", (300, 100), "white")
    image.paste("red", (0, 0, 90, 100))
    image.paste("blue", (210, 0, 300, 100))
    assert extractor.prepare(image).min() == 255
    assert extractor.prepare(image.rotate(90, expand=True)).min() == 255


def test_resizing_and_cutting_at_once_gives_what_one_after_the_other_does(clip: Path) -> None:
    extractor = loaded(CLIP, clip)
    for seed, size in enumerate([(320, 200), (200, 320), (64, 64), (21, 34)]):
        image = drawing(seed, size)
        width, height = (round(side * tiny.SIDE / min(size)) for side in size)
        whole = image.resize((width, height), Pillow.Resampling.BICUBIC)
        left, top = (width - tiny.SIDE + 1) // 2, (height - tiny.SIDE + 1) // 2
        expected = whole.crop((left, top, left + tiny.SIDE, top + tiny.SIDE))
        difference = extractor.prepare(image).astype(int) - np.asarray(expected)
        assert np.abs(difference).mean() < 2


@pytest.mark.parametrize(("name", "fixture"), [(UFORM, "uform"), (CLIP, "clip")])
def test_normalising_is_what_the_settings_say(
    name: str, fixture: str, request: pytest.FixtureRequest
) -> None:
    extractor = loaded(name, request.getfixturevalue(fixture))
    image = Pillow.new("RGB", (40, 40), (200, 40, 90))
    expected = np.repeat(np.array([200, 40, 90]) / 127.5 - 1, tiny.DIM // 3)
    expected /= np.linalg.norm(expected)
    np.testing.assert_allclose(extractor.embed([image])[0], expected, atol=0.01)


def test_half_precision_networks_take_the_same_pictures(clip: Path) -> None:
    expected = loaded(CLIP, clip).embed([drawing(1)])
    kind = tiny.onnx.TensorProto.FLOAT16
    tiny.save(
        clip / "onnx" / "vision_model.onnx",
        tiny.image_graph("pixel_values", "image_embeds", kind=kind),
    )
    found = loaded(CLIP, clip).embed([drawing(1)])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_settings_of_older_exports_are_understood(clip: Path) -> None:
    before = loaded(CLIP, clip).spec.preprocessing
    change(
        clip / "preprocessor_config.json",
        lambda settings: settings.update(size=tiny.SIDE, crop_size=tiny.SIDE),
    )
    assert loaded(CLIP, clip).spec.preprocessing == before


def test_a_long_text_keeps_the_token_that_ends_it(uform: Path) -> None:
    extractor = loaded(UFORM, uform)
    # Room for six words between the tokens that begin and end a text of eight.
    words = ["blue"] * 6
    kept, cut = extractor.embed_texts([" ".join(words), " ".join([*words, "red"])])
    np.testing.assert_array_equal(kept, cut)


@pytest.mark.parametrize("file", MODELS[UFORM].layout.files)
def test_every_file_belongs_to_the_fingerprint(uform: Path, file: str) -> None:
    before = load_extractor(UFORM, uform).spec.fingerprint
    if file.endswith(".json"):
        (uform / file).write_text((uform / file).read_text() + "\n")
    else:
        network = tiny.onnx.load(uform / file)
        network.doc_string = "another"
        tiny.onnx.save(network, uform / file)
    assert load_extractor(UFORM, uform).spec.fingerprint != before


def test_a_copy_elsewhere_has_the_same_fingerprint(uform: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(uform, tmp_path / "copy")
    assert load_extractor(UFORM, copy).spec == load_extractor(UFORM, uform).spec


def refused(name: str, folder: Path, *parts: str) -> None:
    with pytest.raises(InvalidWeightsError) as problem:
        load_extractor(name, folder)
    for part in (*parts, "copy of the whole folder"):
        assert part in str(problem.value)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("file", ["image_encoder.onnx", "text_encoder.onnx"])
@pytest.mark.parametrize(
    "data", [b"", b"hello", b"version https://git-lfs.github.com/spec/v1\n", b"\x08\x08" * 40]
)
def test_a_file_that_is_no_network_is_named(uform: Path, file: str, data: bytes) -> None:
    (uform / file).write_bytes(data)
    refused(UFORM, uform, file)


@pytest.mark.parametrize("file", ["image_encoder.onnx", "text_encoder.onnx"])
def test_a_network_that_is_cut_short_is_named(uform: Path, file: str) -> None:
    path = uform / file
    path.write_bytes(path.read_bytes()[:-200])
    refused(UFORM, uform, file)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"model": 1}'])
def test_a_file_that_is_no_tokenizer_is_named(uform: Path, text: str) -> None:
    (uform / "tokenizer.json").write_text(text)
    refused(UFORM, uform, "tokenizer.json")


def test_a_tokenizer_of_another_model_is_refused(clip: Path, uform: Path) -> None:
    shutil.copy(uform / "tokenizer.json", clip)
    refused(CLIP, clip, "tokenizer.json", "<|endoftext|>")


def test_sides_of_two_models_are_refused(uform: Path) -> None:
    tiny.save(uform / "image_encoder.onnx", tiny.image_graph("input", "embeddings", dim=9))
    refused(UFORM, uform, "9 numbers", "12")


def test_the_encoders_in_each_others_place_are_refused(uform: Path) -> None:
    image, text = uform / "image_encoder.onnx", uform / "text_encoder.onnx"
    kept = image.read_bytes()
    image.write_bytes(text.read_bytes())
    refused(UFORM, uform, "image_encoder.onnx", "2 inputs instead of one")
    image.write_bytes(kept)
    text.write_bytes(kept)
    refused(UFORM, uform, "text_encoder.onnx", "its inputs are input")


def test_an_encoder_without_embeddings_is_refused(uform: Path) -> None:
    tiny.save(uform / "image_encoder.onnx", tiny.image_graph("input", "last_hidden_state"))
    refused(UFORM, uform, "image_encoder.onnx", "no output 'embeddings'", "last_hidden_state")


def test_an_encoder_whose_output_is_no_vector_is_refused(clip: Path) -> None:
    network = tiny.image_graph("pixel_values", "image_embeds")
    del network.graph.node[2:]  # what pools
    network.graph.node[-1].output[0] = "image_embeds"
    del network.graph.output[:]
    real, shape = tiny.onnx.TensorProto.FLOAT, ["batch", 3, tiny.SIDE, tiny.SIDE]
    network.graph.output.append(
        tiny.onnx.helper.make_tensor_value_info("image_embeds", real, shape)
    )
    tiny.save(clip / "onnx" / "vision_model.onnx", network)
    refused(CLIP, clip, "vision_model.onnx", "not that of one vector")


def test_a_picture_of_another_size_than_the_network_takes_is_refused(clip: Path) -> None:
    change(
        clip / "preprocessor_config.json",
        lambda settings: settings.update(size=32, crop_size=32),
    )
    refused(CLIP, clip, "vision_model.onnx", "not [1, 3, 32, 32]")


def test_more_tokens_than_the_network_takes_are_refused(uform: Path) -> None:
    change(
        uform / "config.json",
        lambda settings: settings["text_encoder"].update(max_position_embeddings=9),
    )
    refused(UFORM, uform, "text_encoder.onnx", "input_ids has the shape", "not [1, 9]")


@pytest.mark.parametrize(
    ("side", "name", "value", "said"),
    [
        ("image_encoder", "image_size", None, "'image_size' is missing"),
        ("image_encoder", "image_size", 0, "0 is no whole number"),
        ("image_encoder", "image_size", "16", "'16' is no whole number"),
        ("image_encoder", "normalization_means", [0.5, 0.5], "not three numbers"),
        ("image_encoder", "normalization_deviations", [0.5, 0.5, 0], "not all above 0"),
        ("text_encoder", "padding_idx", -1, "-1 is no whole number"),
        ("text_encoder", "max_position_embeddings", None, "is missing"),
        ("text_encoder", "max_position_embeddings", 2, "2 is no whole number from 3"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    uform: Path, side: str, name: str, value: object, said: str
) -> None:
    def spoil(settings: Any) -> None:
        settings[side][name] = value
        if value is None:
            del settings[side][name]

    change(uform / "config.json", spoil)
    refused(UFORM, uform, "config.json", said)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"image_encoder": 3}'])
def test_a_file_that_holds_no_settings_is_named(uform: Path, text: str) -> None:
    (uform / "config.json").write_text(text)
    refused(UFORM, uform, "config.json")
