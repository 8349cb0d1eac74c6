"""A little online shop made of the sample catalogue: what embeds the widgets, as a store would."""

from scripts.demo_shop.app import create_shop

__all__ = ["create_shop"]
