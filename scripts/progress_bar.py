"""How far a run is, shown on the terminal."""

from tqdm import tqdm

from features.pipeline import Progress


class PictureBar(Progress):
    """A bar with rate and time left; where stderr is no terminal, nothing."""

    def __enter__(self) -> "PictureBar":
        self._bar = tqdm(unit=" pictures", total=0, disable=None, smoothing=0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def start(self, total: int) -> None:
        """See `Progress.start`."""
        self._bar.reset(total or None)

    def advance(self) -> None:
        """See `Progress.advance`."""
        self._bar.update()
