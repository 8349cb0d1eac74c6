"""Keep, list, find and delete the faces of people who agreed to it; see docs/people.md.

The folder is the server's VISUAL_SEARCH_PEOPLE_STORE. Needs requirements-people.txt to enrol and to
search; listing and deleting always work.
"""

import argparse
import os
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from features.errors import PictureNotFoundError, VisualSearchError
from features.images import SUFFIXES, content_hash, read_picture
from features.people import (
    THRESHOLD,
    DlibFaces,
    EnrolledFace,
    FaceStore,
    PeopleSearch,
    check_kept,
    check_subject,
    enrol,
    open_faces,
)
from scripts.interrupting import interrupted

_VARIABLE = "VISUAL_SEARCH_PEOPLE_STORE"
_WAIT = 10.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 some pictures were left out, 2 not done."""
    options = _parser().parse_args(arguments)
    commands = {"enrol": _enrol, "list": _list, "delete": _delete, "search": _search}
    try:
        return commands[options.command](options)
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return interrupted("run again")


def _enrol(options: argparse.Namespace) -> int:
    check_subject(options.subject, consent=options.i_have_consent)
    reader = DlibFaces()
    with FaceStore(options.store, wait=_WAIT, purpose=f"enrolling {options.subject}") as store:
        done = enrol(
            store,
            reader,
            options.subject,
            _pictures(options.pictures),
            consent=options.i_have_consent,
            face=options.face,
            everyone=options.everyone,
        )
    for path, reason in done.failed:
        print(f"left out: {path}: {reason}", file=sys.stderr)
    print(f"{_faces(len(done.enrolled))} of {options.subject} kept in {options.store}")
    return int(bool(done.failed))


def _list(options: argparse.Namespace) -> int:
    check_kept(options.store)
    gallery = open_faces(options.store)
    if options.subject is None:
        for subject, count in gallery.subjects().items():
            print(f"{subject}\t{count}")
        return 0
    for face in gallery.of(options.subject):
        print(f"{face.enrolled}\t{face.location}\t{face.box}")
    return 0


def _delete(options: argparse.Namespace) -> int:
    check_kept(options.store)
    with FaceStore(options.store, wait=_WAIT, purpose=f"deleting {options.subject}") as store:
        faces = store.gallery.of(options.subject)
        hashes = [None] if options.picture is None else _hashes(options.picture, faces)
        gone = sum(store.delete(options.subject, known) for known in hashes)
    print(f"{_faces(gone)} of {options.subject} deleted; backups of the folder are yours to mend")
    return 0


def _faces(count: int) -> str:
    return "1 face" if count == 1 else f"{count} faces"


def _hashes(picture: Path, faces: Sequence[EnrolledFace]) -> Collection[str]:
    """A picture is known by its bytes, one that was moved too; one that is gone by its place."""
    try:
        return [content_hash(read_picture(picture))]
    except PictureNotFoundError:
        known = {face.content_hash for face in faces if face.location == str(picture.resolve())}
        if not known:
            raise
        return known


def _search(options: argparse.Namespace) -> int:
    check_kept(options.store)
    search = PeopleSearch(options.store, options.threshold)
    found = search.search(read_picture(options.picture), options.face)
    if not found.faces:
        print("no face is found in the picture")
    for face in found.faces:
        print(f"face {face.number} {face.box}: {'' if face.matches else 'unknown'}")
        for match in face.matches:
            told = match.face
            print(f"  {match.distance:.3f}\t{told.subject}\t{told.location}\t{told.box}")
    return 0


def _pictures(paths: Sequence[Path]) -> Iterator[Path]:
    """The files, and the pictures below the folders."""
    for path in paths:
        if path.is_dir():
            below = sorted(path.rglob("*"))
            yield from (file for file in below if file.suffix.lower() in SUFFIXES)
        else:
            yield path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--store",
        type=Path,
        default=Path(os.environ.get(_VARIABLE) or "people"),
        help=f"the folder of the faces (${_VARIABLE}, else 'people')",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    _describe_enrol(commands.add_parser("enrol", help="keep the faces of somebody who agreed"))
    listing = commands.add_parser("list", help="all subjects, or the faces of one")
    listing.add_argument("subject", nargs="?")
    delete = commands.add_parser("delete", help="delete every face of a subject")
    delete.add_argument("subject")
    delete.add_argument("--picture", type=Path, help="only what this picture shows of it")
    search = commands.add_parser("search", help="find pictures of the people in a picture")
    search.add_argument("picture", type=Path)
    search.add_argument("--face", type=int, help="which one, counted from 0 on the left")
    search.add_argument(
        "--threshold", type=float, default=THRESHOLD, help=f"largest distance ({THRESHOLD})"
    )
    return parser


def _describe_enrol(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("subject", help="a person, or a group that agreed together")
    parser.add_argument("pictures", type=Path, nargs="+", help="files, or folders of them")
    parser.add_argument(
        "--i-have-consent",
        action="store_true",
        help="whoever is enrolled agreed to it; nothing is kept without",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--face", type=int, help="which one, counted from 0 on the left")
    which.add_argument("--everyone", action="store_true", help="all faces: the whole group agreed")


if __name__ == "__main__":
    sys.exit(main())
