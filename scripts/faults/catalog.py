"""Every fault by its name."""

from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.faults import disks, elsewhere, killing
from scripts.faults.outcome import Outcome, SkippedError
from scripts.faults.place import Place

FAULTS: Mapping[str, Callable[[Place, Path], Outcome]] = {
    "worker": killing.worker_killed,
    "decoder": killing.decoder_killed,
    "master": killing.master_killed,
    "import": killing.import_killed,
    "disk-full": disks.disk_full,
    "disk-read-only": disks.disk_read_only,
    "segment": disks.segment_cut,
    "moved": disks.store_moved_away,
    "swapped": disks.store_swapped,
    "clock": elsewhere.clock_set,
    "milvus": elsewhere.milvus_killed,
    "backup": elsewhere.backed_up_while_changing,
}


def bring_about(name: str, shop: Place, folder: Path) -> Outcome:
    """Let a fault happen to a copy of a shop; where this machine does not allow it, it says so."""
    folder.mkdir(parents=True)
    try:
        return FAULTS[name](shop, folder)
    except SkippedError as reason:
        return Outcome(name, skipped=str(reason))
