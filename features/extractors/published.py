"""Image-text models as they are published: where they are, and what is in which of their files."""

from dataclasses import dataclass

TOKENIZER = "tokenizer.json"


@dataclass(frozen=True)
class Layout:
    """The files of a family of models, and what their encoders' outputs are called."""

    family: str
    image: str
    image_output: str
    text: str
    text_output: str
    settings: str
    """Says how pictures are prepared, and in some families how texts are."""

    @property
    def files(self) -> tuple[str, ...]:
        """All that vectors depend on."""
        return self.image, self.text, TOKENIZER, self.settings


@dataclass(frozen=True)
class Published:
    """A model on the Hugging Face hub."""

    repository: str
    layout: Layout
    licence: str

    @property
    def address(self) -> str:
        """Where a person finds it."""
        return f"https://huggingface.co/{self.repository}"


UFORM = Layout(
    family="uform",
    image="image_encoder.onnx",
    image_output="embeddings",
    text="text_encoder.onnx",
    text_output="embeddings",
    settings="config.json",
)
CLIP = Layout(
    family="clip",
    image="onnx/vision_model.onnx",
    image_output="image_embeds",
    text="onnx/text_model.onnx",
    text_output="text_embeds",
    settings="preprocessor_config.json",
)

_UFORM = "unum-cloud/uform3-image-text"

MODELS = {
    "uform3_english_small": Published(f"{_UFORM}-english-small", UFORM, "Apache-2.0"),
    "uform3_english_base": Published(f"{_UFORM}-english-base", UFORM, "Apache-2.0"),
    "uform3_english_large": Published(f"{_UFORM}-english-large", UFORM, "Apache-2.0"),
    "uform3_multilingual_base": Published(f"{_UFORM}-multilingual-base", UFORM, "Apache-2.0"),
    "clip_vit_b32": Published("Xenova/clip-vit-base-patch32", CLIP, "MIT"),
    "clip_vit_b16": Published("Xenova/clip-vit-base-patch16", CLIP, "MIT"),
}
"""By the extractor's name."""
