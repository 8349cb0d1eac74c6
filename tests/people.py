"""Real photos of people, which are not part of the repository, and who is on them."""

import numpy as np

from features.people import EnrolledFace
from features.types import Box, Vectors

# By file name, from left to right. Nobody knows the child and the ones in the background.
SHOWN = {
    "alex-lacamoire.png": ["alex"],
    "biden.jpg": ["biden"],
    "obama.jpg": ["obama"],
    "obama2.jpg": ["obama"],
    "test_kit_with_rose.jpg": ["rose", "kit"],
    "test_obama_and_biden.jpg": ["biden", "obama", "nobody"],
    "train_biden_biden2.jpg": ["biden"],
    "train_rose_leslie_img1.jpg": ["rose"],
    "train_rose_leslie_img2.jpg": ["rose"],
    "two_people.jpg": ["obama", "biden"],
}


def made_up(*subjects: str) -> tuple[list[EnrolledFace], Vectors]:
    """Faces of nobody, each in a picture of its own, with vectors far from each other."""
    faces = [
        EnrolledFace(subject, f"/{number}.jpg", f"{number:032x}", Box(0, 0, 0.5, 0.5), "2026-01-01")
        for number, subject in enumerate(subjects)
    ]
    return faces, np.eye(128, dtype=np.float32)[: len(faces)]
