"""A photo as a phone takes it: a dozen megapixels, with grain, stored lying and turned by EXIF."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from tests.shop import SAMPLE

_STANDING = 0x112, 6
"""EXIF's orientation: turn it to the right to see it."""


def phone_photo(path: Path, sides: tuple[int, int] = (3_000, 4_000)) -> Path:
    """The sample's mug, seen upright in a photo of this width and height."""
    with Image.open(SAMPLE / "photos" / "mug-on-counter.webp") as mug:
        photo = mug.convert("RGB").resize(sides, Image.Resampling.BICUBIC)
    grain = np.random.default_rng(1).integers(-12, 13, (*photo.size[::-1], 1))
    seen = Image.fromarray((np.asarray(photo) + grain).clip(0, 255).astype(np.uint8))
    exif = Image.Exif()
    exif[_STANDING[0]] = _STANDING[1]
    seen.transpose(Image.Transpose.ROTATE_90).save(path, "JPEG", quality=90, exif=exif)
    return path


def photos_sent(page: Page) -> list[dict[str, Any]]:
    """The name, the content and the sides of the photos that the page sends from now on.

    Playwright does not see the files of a form.
    """
    sent: list[dict[str, Any]] = []
    page.expose_function("told", lambda photo: sent.append(_with_content(photo)))
    page.add_init_script(
        """const plain = window.fetch;
        window.fetch = async (address, options) => {
            const photo = options?.body instanceof FormData && options.body.get("image");
            if (photo instanceof File) {
                const { width, height } = await createImageBitmap(photo);
                const reader = new FileReader();
                await new Promise(done => { reader.onload = done; reader.readAsDataURL(photo); });
                await told({ name: photo.name, sides: [width, height], data: reader.result });
            }
            return plain(address, options);
        };"""
    )
    return sent


def _with_content(photo: dict[str, Any]) -> dict[str, Any]:
    content = base64.b64decode(photo.pop("data").partition(",")[2])
    return {**photo, "bytes": len(content), "content": content}
