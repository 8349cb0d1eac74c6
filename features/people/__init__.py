"""Pictures of the same person: faces to vectors, vectors to the pictures that people agreed to."""

from features.people.dlib_faces import DlibFaces
from features.people.enrolling import Enrolment, check_subject, enrol
from features.people.faces import EnrolledFace, Face, FaceReader
from features.people.gallery import FaceGallery, FaceStore, check_kept, open_faces
from features.people.searching import THRESHOLD, FoundFace, FoundPeople, PeopleSearch, PersonMatch
from features.people.weights import check_installed

__all__ = [
    "THRESHOLD",
    "DlibFaces",
    "EnrolledFace",
    "Enrolment",
    "Face",
    "FaceGallery",
    "FaceReader",
    "FaceStore",
    "FoundFace",
    "FoundPeople",
    "PeopleSearch",
    "PersonMatch",
    "check_installed",
    "check_kept",
    "check_subject",
    "enrol",
    "open_faces",
]
