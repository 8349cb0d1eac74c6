"""Bytes to pictures: every format true to the pixel, every refusal with its reason."""

import io
import os
import random
import struct
import sys
import threading
import warnings
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from features.errors import InvalidPictureError, PictureNotFoundError, PictureTooLargeError
from features.extractors import Extractor
from features.images import PictureLimits, content_hash, decode, picture_size, read_picture
from tests.helpers import drawing, encoded

SIDES = (40, 24)


def pixels(data: bytes) -> NDArray[np.uint8]:
    image = decode(data)
    assert image.mode == "RGB"
    return np.asarray(image)


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes whose header promises any size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(200_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_turned_by_exif_is_upright(orientation: int) -> None:
    upright = np.asarray(drawing(1, SIDES))
    # How a camera would have stored the upright scene for each value of the tag.
    as_stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: upright.transpose(1, 0, 2)[::-1],
        7: upright.transpose(1, 0, 2)[::-1, ::-1],
        8: upright.transpose(1, 0, 2)[:, ::-1],
    }[orientation]
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    data = encoded(Pillow.fromarray(np.ascontiguousarray(as_stored)), "PNG", exif=exif)
    np.testing.assert_array_equal(pixels(data), upright)
    assert decode(data).getexif().get(0x0112, 1) == 1  # so nobody turns it a second time


@pytest.mark.parametrize("orientation", [0, 9, 65_535])
def test_a_senseless_orientation_turns_nothing(orientation: int) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    image = drawing(1, SIDES)
    np.testing.assert_array_equal(pixels(encoded(image, "PNG", exif=exif)), np.asarray(image))


def test_broken_exif_is_no_reason_to_refuse_sound_pixels() -> None:
    image = drawing(1, SIDES)
    data = encoded(image, "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff\x01\x12junk")
    assert decode(data).size == SIDES


def test_transparency_becomes_white() -> None:
    image = Pillow.new("RGBA", SIDES, (200, 10, 10, 0))
    image.paste((0, 0, 255, 255), (0, 0, 10, 24))
    image.paste((0, 0, 0, 128), (10, 0, 20, 24))
    seen = pixels(encoded(image, "PNG"))
    assert tuple(seen[5, 5]) == (0, 0, 255)
    assert tuple(seen[5, 30]) == (255, 255, 255)
    assert abs(int(seen[5, 15, 0]) - 127) <= 1


def test_a_transparent_palette_colour_becomes_white() -> None:
    image = Pillow.new("P", SIDES, 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.paste(1, (0, 0, 20, 24))
    for form, transparency in (("PNG", 0), ("GIF", 0), ("PNG", b"\x00\xff")):
        seen = pixels(encoded(image, form, transparency=transparency))
        assert tuple(seen[5, 5]) == (0, 255, 0)
        assert tuple(seen[5, 30]) == (255, 255, 255)


def test_a_transparent_rgb_colour_becomes_white() -> None:
    image = Pillow.new("RGB", SIDES, (1, 2, 3))
    image.paste((9, 9, 9), (0, 0, 20, 24))
    seen = pixels(encoded(image, "PNG", transparency=(1, 2, 3)))
    assert tuple(seen[5, 5]) == (9, 9, 9)
    assert tuple(seen[5, 30]) == (255, 255, 255)


def test_grey_with_alpha_lies_on_white() -> None:
    image = Pillow.new("LA", SIDES, (0, 0))
    image.paste((70, 255), (0, 0, 20, 24))
    seen = pixels(encoded(image, "PNG"))
    assert tuple(seen[5, 5]) == (70, 70, 70)
    assert tuple(seen[5, 30]) == (255, 255, 255)


def test_one_bit_and_grey_pictures_become_rgb() -> None:
    grey = drawing(2, SIDES).convert("L")
    np.testing.assert_array_equal(pixels(encoded(grey))[:, :, 1], np.asarray(grey))
    bits = grey.convert("1")
    expected = np.asarray(bits).astype(np.uint8) * 255
    for form in ("PNG", "TIFF", "BMP"):
        np.testing.assert_array_equal(pixels(encoded(bits, form))[:, :, 2], expected)


def test_a_cmyk_jpeg_keeps_its_colours() -> None:
    red = Pillow.new("RGB", SIDES, (220, 30, 30)).convert("CMYK")
    seen = pixels(encoded(red, "JPEG", quality=95)).reshape(-1, 3).mean(0)
    np.testing.assert_allclose(seen, (220, 30, 30), atol=6)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_of_grey_keep_their_top_eight(form: str) -> None:
    deep = np.linspace(0, 65_535, SIDES[0] * SIDES[1]).astype(np.uint16).reshape(SIDES[::-1])
    seen = pixels(encoded(Pillow.fromarray(deep), form))
    np.testing.assert_array_equal(seen[:, :, 0], deep >> 8)


def test_floating_point_grey_from_0_to_1_is_not_black() -> None:
    light = np.linspace(0, 1, SIDES[0] * SIDES[1]).astype(np.float32).reshape(SIDES[::-1])
    light[0, 0] = np.nan
    seen = pixels(encoded(Pillow.fromarray(light), "TIFF"))
    assert seen.max() == 255
    assert 120 < seen.mean() < 135


def test_an_integer_picture_of_32_bits_is_not_all_white() -> None:
    deep = np.linspace(0, 2**31 - 1, SIDES[0] * SIDES[1]).astype(np.int32).reshape(SIDES[::-1])
    seen = pixels(encoded(Pillow.fromarray(deep), "TIFF"))
    assert 50 < seen.mean() < 200


@pytest.mark.parametrize(("form", "options"), [("GIF", {}), ("WEBP", {"lossless": True})])
def test_of_an_animation_the_first_frame_counts(form: str, options: dict[str, bool]) -> None:
    red, blue = (Pillow.new("RGB", SIDES, colour) for colour in ("red", "blue"))
    data = encoded(red, form, save_all=True, append_images=[blue], duration=100, **options)
    assert {tuple(p) for p in pixels(data).reshape(-1, 3)} == {(255, 0, 0)}


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "AVIF", "BMP", "TIFF", "PNG"])
def test_every_format_of_a_shop_is_read(form: str) -> None:
    image = drawing(3, (64, 48))
    difference = pixels(encoded(image, form)).astype(int) - np.asarray(image)
    assert np.abs(difference).mean() < 8


def test_a_heic_photo_is_read() -> None:
    image = drawing(3, (64, 48))
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, quality=95)
    difference = pixels(buffer.getvalue()).astype(int) - np.asarray(image)
    assert np.abs(difference).mean() < 8


def test_a_turned_heic_photo_is_turned_once() -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    drawing(3, (64, 48)).save(buffer, "HEIF", exif=exif.tobytes())
    assert decode(buffer.getvalue()).size == (48, 64)


def test_a_stereo_photo_shows_its_first_picture() -> None:
    left, right = (Pillow.new("RGB", SIDES, colour) for colour in ("red", "blue"))
    data = encoded(left, "MPO", save_all=True, append_images=[right])
    assert pixels(data)[:, :, 0].min() > 240


@pytest.mark.parametrize("size", [(4000, 900), (900, 4000), (1700, 1201), (521, 520)])
def test_a_coarse_decode_keeps_the_detail_that_was_asked_for(size: tuple[int, int]) -> None:
    data = encoded(drawing(4, size), "JPEG")
    coarse = decode(data, detail=520)
    assert min(coarse.size) >= min(520, *size)
    assert coarse.width / coarse.height == pytest.approx(size[0] / size[1], rel=0.01)


def test_a_coarse_decode_moves_the_vector_by_nothing_that_counts(extractor: Extractor) -> None:
    data = encoded(drawing(5, (2400, 1800)), "JPEG", quality=92)
    whole, coarse = decode(data), decode(data, detail=extractor.detail)
    assert coarse.width < whole.width
    first, second = extractor.embed([whole, coarse])
    assert float(first @ second) >= 0.999


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_picture"),
        (png_claiming(50_000, 10), "too_many_pixels"),
        (png_claiming(10, 50_000), "too_many_pixels"),
        (png_claiming(60_000, 60_000), "too_many_pixels"),
        (png_claiming(15_000, 15_000), "too_many_pixels"),
        (png_claiming(9_000, 9_000), "too_many_pixels"),
        (png_claiming(4_000, 4_000), "broken_picture"),
        (encoded(Pillow.new("RGB", (1, 1))), "picture_too_small"),
        (encoded(Pillow.new("RGB", (500, 7))), "picture_too_small"),
        (b"id,title\n1,This is no picture\n", "not_a_picture"),
        (b"\x00", "not_a_picture"),
        (b"%PDF-1.7\n%\xe2\xe3", "not_a_picture"),
        (b"<!DOCTYPE html><title>404</title>", "not_a_picture"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not_a_picture"),
        (random.Random(1).randbytes(5_000), "not_a_picture"),
        (encoded(drawing(1), "JPEG")[:900], "broken_picture"),
        (encoded(drawing(1), "PNG")[:900], "broken_picture"),
        (encoded(drawing(1), "WEBP")[:400], "broken_picture"),
        (encoded(drawing(1), "GIF")[:900], "broken_picture"),
        (encoded(drawing(1), "BMP")[:900], "broken_picture"),
        (encoded(drawing(1), "AVIF")[:-90], "broken_picture"),
    ],
)
def test_a_picture_that_cannot_be_used_says_why(data: bytes, code: str) -> None:
    with pytest.raises(InvalidPictureError) as caught:
        decode(data)
    assert caught.value.code == code
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b'<?xml version="1.0"?>\n<svg/>', "SVG"),
        (b"\xef\xbb\xbf  <SVG>", "SVG"),
        (b"%PDF-1.4", "PDF"),
        (b"\n<html><body>Not found", "web page"),
    ],
)
def test_what_is_often_mistaken_for_a_picture_is_named(data: bytes, word: str) -> None:
    with pytest.raises(InvalidPictureError, match=word):
        decode(data)


def test_the_limits_are_the_callers() -> None:
    data = encoded(drawing(1, (200, 100)))
    decode(data, PictureLimits(max_pixels=20_000, max_side=200, min_side=100))
    for limits, code in (
        (PictureLimits(max_pixels=19_999), "too_many_pixels"),
        (PictureLimits(max_side=199), "too_many_pixels"),
        (PictureLimits(min_side=101), "picture_too_small"),
        (PictureLimits(max_bytes=len(data) - 1), "picture_too_large"),
    ):
        with pytest.raises(InvalidPictureError) as caught:
            decode(data, limits)
        assert caught.value.code == code


def test_damaged_pictures_never_raise_anything_else() -> None:
    chance = random.Random(7)
    forms = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF", "MPO")
    sound = [encoded(drawing(8, (48, 32)), form) for form in forms]
    sound.append(encoded(drawing(8, (48, 32)).convert("P"), "PNG", transparency=3))
    for number in range(300):
        data = bytearray(sound[number % len(sound)])
        for _ in range(chance.randint(1, 12)):
            # Headers are where decoders stumble.
            reach = len(data) if chance.random() < 0.5 else min(len(data), 120)
            data[chance.randrange(reach)] = chance.randrange(256)
        if chance.random() < 0.2:
            del data[chance.randrange(1, len(data)) :]
        try:
            image = decode(bytes(data), PictureLimits(max_pixels=4_000_000), detail=520)
        except InvalidPictureError:
            continue
        assert image.mode == "RGB"


def test_decoding_on_several_threads_leaves_the_warning_filters_alone() -> None:
    before, interval = list(warnings.filters), sys.getswitchinterval()
    data = encoded(drawing(1, (32, 32)), "BMP")
    sys.setswitchinterval(1e-6)
    threads = [
        threading.Thread(target=lambda: [decode(data) for _ in range(300)]) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    assert list(warnings.filters) == before


def test_a_picture_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"any bytes")
    assert read_picture(path) == b"any bytes"


def test_a_file_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(10**13)  # sparse: reading it would fill the memory
    with pytest.raises(PictureTooLargeError):
        read_picture(path)


def test_a_picture_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for name in ("none.jpg", "file/below.jpg", ".", "x" * 300, "nul\x00.jpg"):
        with pytest.raises(PictureNotFoundError):
            read_picture(tmp_path / name)


def test_the_content_hash_tells_bytes_apart() -> None:
    assert content_hash(b"a") == content_hash(b"a") != content_hash(b"b")
    assert len(content_hash(b"")) == 32


def test_a_pipe_in_the_catalogue_is_refused_unread(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "photo.jpg")
    with pytest.raises(PictureNotFoundError, match="no file"):
        read_picture(tmp_path / "photo.jpg")


@pytest.mark.parametrize(("orientation", "size"), [(1, (90, 60)), (6, (60, 90))])
def test_the_size_of_a_picture_is_that_of_its_decoded_pixels(
    orientation: int, size: tuple[int, int]
) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    drawing(0, (90, 60)).save(buffer, "JPEG", exif=exif)
    assert picture_size(buffer.getvalue()) == decode(buffer.getvalue()).size == size
    with pytest.raises(InvalidPictureError):
        picture_size(b"no picture")
