from collections.abc import Sequence

import numpy as np

from edge.analysis.choosing import Chooser, blocks
from edge.perception.observation import FaceSighting
from edge.perception.pixels import Image
from edge.perception.sight import FitFace, Looked
from edge.vocabulary import Probabilities

PERIOD = 1 / 15


def crop(level: int, mouth: int = 0) -> Image:
    face = np.full((48, 48), level, np.uint8)
    face[:, ::2] += 40
    face[34:46, 12:36] += np.uint8(mouth)
    return face


def look(index: int, *crops: Image) -> Looked:
    seen = tuple(
        FaceSighting(track, (0.1 * track, 0.2, 0.1, 0.2), 0.9, 1.0, (), True)
        for track in range(1, len(crops) + 1)
    )
    due = [FitFace(track, face, 1.0) for track, face in enumerate(crops, 1)]
    return Looked(index * PERIOD, len(crops), seen, tuple(range(len(crops))), 1 if crops else None, due)


def scored(label: int, share: float = 0.9) -> Probabilities:
    scores = np.full(7, (1 - share) / 6)
    scores[label] = share
    return scores


class Judge:
    """Scores by the mouth's brightness, and counts."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, crops: Sequence[Image]) -> list[Probabilities | None]:
        self.asked += len(crops)
        return [scored(3 if face[40, 13] > 120 else 6) for face in crops]


def moods(chooser: Chooser, looks: Sequence[Looked]) -> list[int]:
    return [int(np.argmax(seen.readings[0].probabilities)) for seen in chooser.conclude(looks)]


def test_a_face_that_does_not_change_is_judged_four_times_a_second() -> None:
    judge = Judge()
    told = list(Chooser(judge).conclude([look(index, crop(60)) for index in range(30)]))
    assert 7 <= judge.asked <= 9
    assert all(len(seen.readings) == 1 for seen in told)


def test_a_face_that_changes_is_judged_in_the_very_picture() -> None:
    faces = [crop(60, 0 if index < 7 else 120) for index in range(15)]
    found = moods(Chooser(Judge()), [look(index, face) for index, face in enumerate(faces)])
    assert found == [6] * 7 + [3] * 8


def test_what_was_judged_last_holds_into_the_next_block() -> None:
    judge = Judge()
    chooser = Chooser(judge)
    list(chooser.conclude([look(0, crop(60))]))
    list(chooser.conclude([look(1, crop(60)), look(2, crop(60))]))
    assert judge.asked == 1


def test_between_two_judgements_that_disagree_everything_is_judged() -> None:
    answers = iter([scored(6), scored(3)] + [scored(6)] * 20)
    asked: list[int] = []

    def judge(crops: Sequence[Image]) -> list[Probabilities | None]:
        asked.append(len(crops))
        return [next(answers) for _ in crops]

    list(Chooser(judge).conclude([look(index, crop(60)) for index in range(5)]))
    assert sum(asked) == 5


def test_a_face_that_cannot_be_judged_keeps_its_scores_or_does_not_count() -> None:
    answers: list[Probabilities | None] = [None, scored(3), None]
    chooser = Chooser(lambda crops: [answers.pop(0) for _ in crops])
    told = [next(iter(chooser.conclude([look(index * 10, crop(60))]))) for index in range(3)]
    assert [len(seen.readings) for seen in told] == [0, 1, 1]
    assert int(np.argmax(told[2].readings[0].probabilities)) == 3


def test_faces_of_several_people_are_told_apart() -> None:
    chooser = Chooser(Judge())
    (seen,) = chooser.conclude([look(0, crop(60), crop(60, 120))])
    assert [int(np.argmax(one.probabilities)) for one in seen.readings] == [6, 3]
    assert [one.track for one in seen.readings] == [1, 2]


def test_blocks_last_two_seconds_and_end_at_a_cut() -> None:
    looks = [(index == 40, look(index)) for index in range(75)]
    assert [len(block) for block in blocks(looks)] == [30, 10, 30, 5]
    assert list(blocks([])) == []
