"""Model cards: what the engines are, what they were made of, and what they must not be used for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from edge.errors import DataError
from edge.perception.features import BANDS, FFT, FRAME, HIGH, HOP, LOW
from edge.perception.inputs import FACE_ITEM, SPEECH_ITEM
from edge.perception.mel import difference
from edge.training.data.catalogue import FER2013, FERPLUS, SPEECH, WILD
from edge.training.data.corpora import Corpora
from edge.training.data.faces import FaceSplits
from edge.training.figures.scores import Document, class_scores
from edge.training.recipes.row import FaceRow, Kind, NetworkRow
from edge.vocabulary import LABELS, SAMPLE_RATE

_INTENDED: Final = (
    "Apparent expression of people who know of it and agree, to steer lights, music and the like in private "
    "rooms, and research. The output is what an expression looks or sounds like to others, not what a person "
    "feels."
)
_EXCLUDED: Final = (
    "Not for work, hiring or education (prohibited in the EU by Art. 5(1)(f) of the AI Act), "
    "policing, border "
    "control, lie detection, insurance, health or any decision about a person; not for people who "
    "have not been "
    "told (Art. 50(3))."
)
_LIMITS: Final = {
    "face": (
        "Search-engine pictures: posed expressions, mainly young to middle-aged adults with light "
        "skin, frontal; "
        "the labels are noisy (people agree with them on about 65 %). disgust and fear are weak."
    ),
    "speech": (
        "Acted speech of adults in quiet rooms, few speakers a corpus; real speech "
        "is weaker, "
        "noisier and mostly neutral. disgust and surprise come from few corpora. Known sentences "
        "occur in training "
        "and validation."
    ),
}
_MS: Final = tuple(1000 * samples / SAMPLE_RATE for samples in (FRAME, HOP))
_NORMALISATION: Final = {
    "face": "in the graph: a crop to mean 0, deviation 1 (at least 4 levels); edge.perception.face_input",
    "speech": "log-mel floored 60 dB below the loudest cell, mean removed; edge.perception.features",
}
_ROUNDING: Final = 1e-9
_BANK: Final = f"python_speech_features.get_filterbanks({BANDS}, {FFT}, {SAMPLE_RATE}, {LOW:g}, {HIGH:g})"
_TYPE: Final = {"face": "uint8", "speech": "float32"}
_ITEM: Final = {"face": FACE_ITEM, "speech": SPEECH_ITEM}
_LAYOUT: Final = {
    "face": "NCHW, rows and columns of a grey crop",
    "speech": f"NCHW, mel bands by frames of {_MS[0]:g} ms, {_MS[1]:g} ms apart",
}
_NOTICE: Final = (
    "A device in this room estimates the apparent mood from faces and voices. Nothing is recorded or sent."
)


def face_data(splits: FaceSplits) -> list[tuple[str, str]]:
    """The pictures and votes trained on, and their terms."""
    fer2013 = [FER2013, *([FERPLUS] if "ferplus_votes" in splits.train.extras else [])]
    return [*(fer2013 if "fer2013" in splits.sets else []), *([WILD] if "wild" in splits.sets else [])]


def speech_data(corpora: Corpora, background: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The corpora trained on, with the number of speakers, and their terms; then the background sounds."""
    clips = corpora.split("train")
    found = []
    for corpus in dict.fromkeys(clip.corpus for clip in clips):
        title, terms = SPEECH.get(corpus, (corpus, "terms unknown"))
        speakers = len({clip.speaker for clip in clips if clip.corpus == corpus})
        found.append((f"{title}, {speakers} speakers", terms))
    return [*found, *background]


def training_speakers(corpora: Corpora) -> dict[str, list[str]]:
    """Who was trained on, by corpus: nobody else may be called unseen."""
    clips = [clip for clip in corpora.split("train") if clip.speaker]
    names = dict.fromkeys(clip.corpus for clip in clips)
    return {name: sorted({clip.speaker for clip in clips if clip.corpus == name}) for name in names}


def build_card(
    row: NetworkRow, document: Document, data: Iterable[tuple[str, str]], extra: dict[str, Any]
) -> dict[str, Any]:
    """A card without name and hash.

    `document` holds the figures, `data` names what was trained on with its terms, `extra` measurements and
    commands.
    """
    return {
        "kind": row.kind,
        "version": "1.0.0",
        "sha256": "",
        "title": row.title,
        "input": input_spec(row.kind),
        "output": {
            "name": "logits",
            "shape": ["n", len(LABELS)],
            "probabilities": "softmax(logits / temperature)",
        },
        "labels": list(LABELS),
        "temperature": document["temperature"],
        "per_class": class_scores(document),
        "metrics": build_metrics(row, document),
        "training_data": [{"name": name, "terms": terms} for name, terms in data],
        "weights_terms": "research and private, non-commercial use: the terms of the training data",
        "intended_use": _INTENDED,
        "excluded_use": _EXCLUDED,
        "limits": _LIMITS[row.kind],
        "privacy": "runs on the device; no picture or sound is stored or sent",
        "notice": _NOTICE,
        **extra,
    }


def input_spec(kind: Kind) -> dict[str, Any]:
    """What engines of that kind take."""
    return {
        "name": kind,
        "type": _TYPE[kind],
        "shape": ["n", *_ITEM[kind]],
        "layout": _LAYOUT[kind],
        "normalisation": _NORMALISATION[kind],
        **({"filter_bank": _BANK} if kind == "speech" else {}),
    }


def check_filter_bank() -> None:
    """Hold the filter bank of the features against its definition. Raises DataError when they differ."""
    far = difference(BANDS, FFT, SAMPLE_RATE, LOW, HIGH)
    if far > _ROUNDING:
        raise DataError(f"the mel filter bank differs from python-speech-features' by {far:.2g}")


def build_metrics(row: NetworkRow, document: Document) -> Document:
    """A card's figures, with the protocol that they were measured by."""
    return {"protocol": _protocol(row, document), **_metrics(document)}


def _protocol(row: NetworkRow, document: Document) -> str:
    if isinstance(row, FaceRow):
        return (
            f"FER2013 PublicTest ({document['n']:,} rows), single view, original labels; the checkpoint was "
            "chosen on it; Training rows whose picture is also there were left out; temperature fitted on "
            "held-out groups of Training without near copies in the rest, and their mirror images"
        )
    names = ", ".join(document["groups"]["corpus"])
    return (
        f"validation speakers of {names}, none trained on, all seven outputs open; "
        "the checkpoint was chosen on them; calm counts as neutral, boredom is left out; temperature "
        "fitted on "
        "them, clean and at 10 dB of unseen noise"
    )


def _metrics(document: Document) -> Document:
    names = ("n", "accuracy", "uar", "mean_uar", "macro_f1", "top2_accuracy", "ece", "ece_across", "nll")
    result = {name: document[name] for name in names if name in document}
    corpora = document["groups"].get("corpus")
    if corpora:
        result["uar_by_corpus"] = {name: scores["uar"] for name, scores in corpora.items()}
    sexes = document["groups"].get("sex")
    if sexes:
        result["uar_by_sex"] = {name: scores["uar"] for name, scores in sexes.items()}
    return result


__all__ = [
    "build_card",
    "build_metrics",
    "check_filter_bank",
    "face_data",
    "input_spec",
    "speech_data",
    "training_speakers",
]
