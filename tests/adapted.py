"""An adapted store beside a plain one, as adapting makes it, of a map that nobody had to learn."""

import numpy as np

from features.adaptation import Adaptation, write_adaptation
from features.extractors.adapted import adapted_spec
from features.store import StoreSet, StoreWriter, open_store

DIM = 64


def add_adapted_store(stores: StoreSet) -> str:
    """The default store in another space, swapped in; its name."""
    plain = open_store(stores.folder_of())
    random = np.random.default_rng(0)
    adaptation = Adaptation(
        mean=np.zeros(plain.spec.dim, np.float32),
        projection=random.normal(size=(plain.spec.dim, DIM)).astype(np.float32),
        method="product",
        extractor=plain.spec.name,
        fingerprint=plain.spec.fingerprint,
        pictures=plain.picture_count,
        classes=1,
    )
    spec = adapted_spec(plain.spec, adaptation)
    folder = stores.new_place(spec.name)
    rows = np.flatnonzero(plain.live)
    with StoreWriter(
        folder, spec, plain.pictures_root, first_version=stores.next_version()
    ) as writer:
        write_adaptation(folder, adaptation)
        vectors = adaptation.apply(plain.vectors(rows))
        writer.append([*plain.live_pictures], vectors, [*plain.products.values()])
    stores.swap_in(spec.name, folder)
    return spec.name
