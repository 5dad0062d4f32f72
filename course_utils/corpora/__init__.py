"""Answer with the data of the course: names, plays, real series and generated tasks.

This is the only part of the course that touches files or the network. The real texts are
downloaded at first use and checked against a SHA-256 checksum. Without network and mirror,
`load_names`, `load_shakespeare` and `open_shakespeare` answer with a stand-in, and say so. Any
other text file in UTF-8 is opened by `open_text`.

Environment variables:
    COURSE_DATA_MIRROR: folder or http(s) address that replaces the pinned addresses.
    COURSE_DATA_DIR: folder where downloads land (default: data/cache in the repository).
    COURSE_OFFLINE: 1 means that the network is never tried; a mirror folder is still used.
"""

from course_utils.corpora.fetching import DataUnavailableError, fetch
from course_utils.corpora.loading import load_names, load_shakespeare, open_shakespeare
from course_utils.corpora.long_text import LongText, open_text
from course_utils.corpora.play import generate_play, play_entropy
from course_utils.corpora.records import NameCorpus, TextCorpus
from course_utils.corpora.series import load_series
from course_utils.corpora.tasks import COUNTRIES, born_in, who_bites
from course_utils.corpora.text_files import TextFileError
from course_utils.corpora.world import generate_world, world_analogies

__all__ = [
    "DataUnavailableError",
    "LongText",
    "NameCorpus",
    "TextCorpus",
    "TextFileError",
    "COUNTRIES",
    "born_in",
    "fetch",
    "generate_play",
    "generate_world",
    "load_names",
    "load_series",
    "load_shakespeare",
    "open_shakespeare",
    "open_text",
    "play_entropy",
    "who_bites",
    "world_analogies",
]
