"""The process in which hostile pictures and videos are decoded: `python -m features.decoder`."""
