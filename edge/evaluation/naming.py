"""What the file names of the public corpora say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

__all__ = ["NAMINGS", "Named", "Naming", "read_name"]


@dataclass(frozen=True)
class Named:
    """Corpus, emotion, speaker, sex ("" if unknown) and sentence of a clip."""

    corpus: str
    emotion: str
    speaker: str
    sex: str
    sentence: str


@dataclass(frozen=True)
class Naming:
    """How a corpus names its files: a pattern with the groups emotion, sentence and speaker.

    `emotions` turns codes into names, `women` matches the speakers that are women (None: unknown); a
    speaker that is not in the name is the folder's.
    """

    name: str
    prefix: str
    pattern: str
    emotions: Mapping[str, str] = field(default_factory=dict)
    women: str | None = None

    def read(self, path: Path) -> Named | None:
        """What the name says; None when it is not of this corpus."""
        found = re.fullmatch(self.pattern, path.stem)
        if found is None:
            return None
        emotion, speaker = found["emotion"], found["speaker"] or path.parent.name
        sex = ""
        if self.women is not None:
            sex = "female" if re.fullmatch(self.women, speaker) else "male"
        corpus = self.name.lower().replace("-", "")
        name = self.emotions.get(emotion, emotion)
        return Named(corpus, name, f"{self.prefix}_{speaker}", sex, found["sentence"])


NAMINGS: Final = (
    Naming(
        "RAVDESS",
        "RAV",
        r"0[13]-0[12]-(?P<emotion>0[1-8])-0[12]-(?P<sentence>0[12])-0[12]-(?P<speaker>\d\d)",
        dict(
            zip(
                ("01", "02", "03", "04", "05", "06", "07", "08"),
                ("neutral", "calm", "happy", "sad", "angry", "fear", "disgust", "surprise"),
                strict=True,
            )
        ),
        women=r"\d[02468]",
    ),
    Naming(
        "CREMA-D",
        "CREMA",
        r"(?P<speaker>1\d{3})_(?P<sentence>[A-Z]{3})_(?P<emotion>ANG|DIS|FEA|HAP|NEU|SAD)_\w+",
    ),
    Naming(
        "EMO-DB",
        "EMODB",
        r"(?P<speaker>\d\d)(?P<sentence>[ab]\d\d)(?P<emotion>[WEAFTNL])[a-z]?",
        {"W": "angry", "E": "disgust", "A": "fear", "F": "happy", "T": "sad", "N": "neutral", "L": "boredom"},
        women=r"08|09|13|14|16",
    ),
    Naming(
        "EMOVO",
        "EMOVO",
        r"(?P<emotion>rab|dis|pau|gio|tri|sor|neu)-(?P<speaker>[fm]\d)-(?P<sentence>\w+)",
        {"rab": "angry", "dis": "disgust", "pau": "fear", "gio": "happy", "tri": "sad", "sor": "surprise"},
        women=r"f\d",
    ),
    Naming(
        "TESS",
        "TESS",
        r"(?P<speaker>[OY]A[FA])_(?P<sentence>[\w']+?)_"
        r"(?P<emotion>angry|disgust|fear|happy|sad|neutral|ps|pleasant_surprised?)",
        women=r".*",
    ),
    Naming(
        "SAVEE",
        "SAVEE",
        r"(?:(?P<speaker>DC|JE|JK|KL)_)?(?P<emotion>sa|su|[adfhn])(?P<sentence>\d\d)",
        {
            "a": "angry",
            "d": "disgust",
            "f": "fear",
            "h": "happy",
            "n": "neutral",
            "sa": "sad",
            "su": "surprise",
        },
        women=r"(?!)",
    ),
    Naming(
        "nEMO",
        "NEMO",
        r"(?P<speaker>[A-Z]{2}\d)_(?P<emotion>anger|fear|happiness|neutral|sadness|surprised)_(?P<sentence>\d+)",
    ),
    Naming(
        "ASED",
        "ASED",
        r"(?P<emotion>[nfhsa])(?P<sentence>\d+)-\d\d-\d\d-\d\d-(?P<speaker>\d\d)",
        {"n": "neutral", "f": "fear", "h": "happy", "s": "sad", "a": "angry"},
    ),
)
"""In the order in which they are tried."""


def read_name(path: Path) -> Named | None:
    """What a file's name says in the first naming that fits; None when none does."""
    return next((named for naming in NAMINGS if (named := naming.read(path)) is not None), None)
