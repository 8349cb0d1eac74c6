"""Drawn photos of a catalogue's products, as a shopper might take them: for learning only."""

from features.scenes.cutout import Cutout, cut_out
from features.scenes.scene import scene

__all__ = ["Cutout", "cut_out", "scene"]
