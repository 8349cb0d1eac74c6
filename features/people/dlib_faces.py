"""dlib: its HOG detector, its five landmarks to align by, and its network of 128 numbers."""

import threading
from typing import Any

import numpy as np

from features.people.faces import Face
from features.people.weights import check_installed, weights_file
from features.types import Box, Image, Vectors

NETWORK = "dlib_face_recognition_resnet_model_v1"
"""What the vectors of a store must have been made with."""
DIM = 128
DETAIL = 1_024
"""Pixels of the longer side of the picture that faces are looked for in."""

_LANDMARKS = "shape_predictor_5_face_landmarks.dat"
_DOUBLINGS = 1  # of the picture's size: the detector alone sees no face below 80 pixels
_SIDE, _MARGIN = 150, 0.25  # of an aligned face, as the network was trained
_MOST_FACES = 32


class DlibFaces:
    """Faces by dlib. The networks are loaded here, 32 MB of files."""

    def __init__(self) -> None:
        """Load the networks.

        Raises:
            PeopleUnavailableError: dlib or its networks are not installed.
        """
        check_installed()
        import dlib

        self._dlib: Any = dlib
        self._detector = dlib.get_frontal_face_detector()
        self._landmarks = dlib.shape_predictor(str(weights_file(_LANDMARKS)))
        self._network = dlib.face_recognition_model_v1(str(weights_file(f"{NETWORK}.dat")))
        self._reading = threading.Lock()  # dlib's detector and network keep state

    def read(self, image: Image) -> list[Face]:
        """See `FaceReader.read`; of a crowd the 32 largest."""
        small = image.copy()
        small.thumbnail((DETAIL, DETAIL), reducing_gap=2.0)
        pixels = np.asarray(small)
        with self._reading:
            places = sorted(self._detector(pixels, _DOUBLINGS), key=lambda place: -place.area())
            faces = [
                Face(_box(place, *small.size), self._vector(pixels, place))
                for place in places[:_MOST_FACES]
            ]
        return sorted(faces, key=lambda face: face.box.centre)

    def _vector(self, pixels: Any, place: Any) -> Vectors:  # noqa: ANN401 - untyped library
        shape = self._landmarks(pixels, place)
        aligned = self._dlib.get_face_chip(pixels, shape, _SIDE, _MARGIN)
        return np.asarray(self._network.compute_face_descriptor(aligned), np.float32)[None]


def _box(place: Any, width: int, height: int) -> Box:  # noqa: ANN401 - untyped library
    sides = (
        place.left() / width,
        place.top() / height,
        (place.right() + 1) / width,
        (place.bottom() + 1) / height,
    )
    return Box(*(round(side, 6) for side in sides)).clipped()
