"""Files of a folder as the cases of a run."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scripts.fuzzing.cases import Case


@dataclass(frozen=True)
class Corpus:
    """Every file of a folder, in the order of their names."""

    kind: str
    folder: Path

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, number: int) -> Case:
        """The case of a number, from 0 on; what stands before a dot in its name is its origin."""
        path = self._paths[number]
        origin, dot, _ = path.name.partition(".")
        return Case(number, origin if dot else "found", path.read_bytes())

    def name(self, number: int) -> str:
        """Of what is kept of a finding."""
        return f"{self.kind}-{self._paths[number].name}"

    def again(self, number: int) -> str:
        """The options that ask a case again."""
        return f"--corpus {self.folder} --only {number}"

    @cached_property
    def _paths(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_file())
