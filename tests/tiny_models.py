"""Image-text models of a few kilobytes, in the published formats, that know nothing but colours.

A picture becomes the mean colours of its quarters; a text the sum of the colours it names.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.helpers import write_catalog

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is not installed")

COLOURS = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "white": (255, 255, 255),
}
FRENCH = {"rouge": "red", "vert": "green", "bleu": "blue", "jaune": "yellow", "blanc": "white"}
MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
SIDE = 16
TOKENS = 8
DIM = 12


def uform_folder(folder: Path, *, tokens: int = TOKENS) -> Path:
    """A model as UForm 3 is published: 8-bit weights, texts of 32-bit tokens with a mask."""
    folder.mkdir(parents=True, exist_ok=True)
    begin, end, padding = "[CLS]", "[SEP]", "[PAD]"
    words = write_tokenizer(folder / "tokenizer.json", begin, end, padding)
    save(folder / "image_encoder.onnx", image_graph("input", "embeddings", in_8_bits=True))
    save(
        folder / "text_encoder.onnx",
        text_graph(words, "embeddings", tokens, onnx.TensorProto.INT32, masked=True),
    )
    config = {
        "image_encoder": {
            "image_size": SIDE,
            "normalization_means": MEAN,
            "normalization_deviations": DEVIATION,
        },
        "text_encoder": {"max_position_embeddings": tokens, "padding_idx": words.index(padding)},
    }
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def clip_folder(folder: Path) -> Path:
    """A model as CLIP is exported for the web: 64-bit tokens of any number, and no mask."""
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    words = write_tokenizer(folder / "tokenizer.json", "<|startoftext|>", "<|endoftext|>")
    save(folder / "onnx" / "vision_model.onnx", image_graph("pixel_values", "image_embeds"))
    save(
        folder / "onnx" / "text_model.onnx",
        text_graph(words, "text_embeds", "sequence_length", onnx.TensorProto.INT64, masked=False),
    )
    settings = {
        "do_resize": True,
        "size": {"shortest_edge": SIDE},
        "resample": 3,
        "do_center_crop": True,
        "crop_size": {"height": SIDE, "width": SIDE},
        "image_mean": MEAN,
        "image_std": DEVIATION,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    return folder


def write_colours(folder: Path) -> Path:
    """A catalogue of one product in each colour, which is its id."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for colour in COLOURS:
        Pillow.new("RGB", (48, 36), colour).save(folder / f"{colour}.png")
        category = "Warm" if colour in ("red", "yellow") else "Cold"
        rows.append(
            {"id": colour, "title": "Thing", "category": category, "image": f"{colour}.png"}
        )
    return write_catalog(folder, rows)


def write_tokenizer(path: Path, begin: str, end: str, *others: str) -> list[str]:
    """A tokenizer of the words it knows; all of them, by their ids."""
    words = [begin, end, "[UNK]", *others, *COLOURS, *FRENCH]
    ids = {word: number for number, word in enumerate(words)}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(ids, unk_token="[UNK]"))
    made.normalizer = tokenizers.normalizers.Lowercase()
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single=f"{begin} $A {end}", special_tokens=[(begin, ids[begin]), (end, ids[end])]
    )
    made.save(str(path))
    return words


def image_graph(
    given: str, output: str, *, dim: int = DIM, in_8_bits: bool = False, kind: int | None = None
) -> Any:
    """The mean colours of the quarters, from -1 to 1; `kind` is the type of its input."""
    kind = onnx.TensorProto.FLOAT if kind is None else kind
    number = onnx.helper.tensor_dtype_to_np_dtype(kind)
    constants = {
        "deviation": (2 * np.array(DEVIATION).reshape(1, 3, 1, 1)).astype(number),
        "mean": (2 * np.array(MEAN).reshape(1, 3, 1, 1) - 1).astype(number),
    }
    quarters = {"kernel_shape": [SIDE // 2] * 2, "strides": [SIDE // 2] * 2}
    nodes = [
        node("Mul", [given, "deviation"], "scaled"),
        node("Add", ["scaled", "mean"], "colours"),
        node("AveragePool", ["colours"], "pooled", **quarters),
        node("Flatten", ["pooled"], "features"),
    ]
    if in_8_bits:
        constants |= {
            "weights": (np.eye(DIM, dim) * 100 + 100).astype(np.uint8),
            "zero": np.array(100, np.uint8),
            "step": np.array(0.01, np.float32),
        }
        nodes += [
            onnx.helper.make_node(
                "DynamicQuantizeLinear", ["features"], ["quantised", "scale", "offset"]
            ),
            node("MatMulInteger", ["quantised", "weights", "offset", "zero"], "product"),
            node("Cast", ["product"], "whole", to=onnx.TensorProto.FLOAT),
            node("Mul", ["scale", "step"], "unit"),
            node("Mul", ["whole", "unit"], output),
        ]
    else:
        constants["weights"] = np.eye(DIM, dim).astype(number)
        nodes.append(node("MatMul", ["features", "weights"], output))
    inputs = [onnx.helper.make_tensor_value_info(given, kind, ["batch", 3, SIDE, SIDE])]
    return graph(nodes, inputs, {"features": (kind, DIM), output: (kind, dim)}, constants)


def text_graph(
    words: Sequence[str], output: str, tokens: int | str, kind: int, *, masked: bool
) -> Any:
    """The sum of the colours that the tokens name."""
    names = ["input_ids", "attention_mask"] if masked else ["input_ids"]
    table = np.stack([colour_of(word) for word in words])
    nodes = [node("Gather", ["table", "input_ids"], "named")]
    if masked:
        nodes += [
            node("Cast", ["attention_mask"], "counted", to=onnx.TensorProto.FLOAT),
            node("Unsqueeze", ["counted", "last"], "mask"),
            node("Mul", ["named", "mask"], "features"),
        ]
    else:
        nodes.append(node("Identity", ["named"], "features"))
    nodes.append(node("ReduceSum", ["features", "middle"], output, keepdims=0))
    inputs = [onnx.helper.make_tensor_value_info(name, kind, ["batch", tokens]) for name in names]
    constants = {"table": table, "middle": np.array([1])} | (
        {"last": np.array([-1])} if masked else {}
    )
    real = onnx.TensorProto.FLOAT
    return graph(nodes, inputs, {output: (real, DIM)}, constants)


def colour_of(word: str) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """What a picture of nothing but the colour becomes; zeros for what is none."""
    colour = COLOURS.get(FRENCH.get(word, word))
    shares = np.zeros(3) if colour is None else np.array(colour) / 127.5 - 1
    return np.repeat(shares, DIM // 3).astype(np.float32)


def node(operation: str, inputs: Sequence[str], output: str, **attributes: object) -> Any:
    """One operation with one output."""
    return onnx.helper.make_node(operation, list(inputs), [output], **attributes)


def graph(
    nodes: Sequence[Any],
    inputs: Sequence[Any],
    outputs: dict[str, tuple[int, int]],
    constants: dict[str, Any],
) -> Any:
    """A network."""
    made = onnx.helper.make_graph(
        list(nodes),
        "tiny",
        list(inputs),
        [
            onnx.helper.make_tensor_value_info(name, kind, ["batch", size])
            for name, (kind, size) in outputs.items()
        ],
        [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opset = onnx.helper.make_opsetid("", 15)
    return onnx.helper.make_model(made, opset_imports=[opset], ir_version=8)


def save(path: Path, network: Any) -> None:
    """Write a network, if it is one."""
    onnx.checker.check_model(network)
    onnx.save(network, path)
