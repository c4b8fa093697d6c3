from edge.analysis.photograph import for_photograph
from edge.config import Config
from edge.mood.usual import ALIKE


def changed(**sections: object) -> Config:
    return for_photograph(Config.model_validate(sections))


def test_faces_are_looked_for_more_closely_than_in_a_film() -> None:
    assert Config().camera.detector.longer_side < changed().camera.detector.longer_side
    assert changed(camera={"detector": {"longer_side": 1920}}).camera.detector.longer_side == 1920


def test_a_detector_compiled_for_one_size_stays_at_it() -> None:
    detector = changed(engines={"backend": "tensorrt"}).camera.detector
    assert detector.longer_side == Config().camera.detector.longer_side


def test_small_turned_tilted_lowered_and_soft_faces_are_judged() -> None:
    usual, photograph = Config().camera.quality, changed().camera.quality
    assert photograph.min_face < usual.min_face
    assert photograph.min_sharpness < usual.min_sharpness
    assert photograph.max_yaw > usual.max_yaw
    assert photograph.max_roll > usual.max_roll
    assert photograph.max_lowered == 1


def test_limits_that_are_looser_stay() -> None:
    quality = {"min_face": 12, "min_score": 0.3, "max_yaw": 90.0, "min_sharpness": 0.0}
    photograph = changed(camera={"quality": quality}).camera.quality
    assert photograph.model_dump() | quality == photograph.model_dump()


def test_no_emotion_is_expected_of_a_face_and_no_model_is_the_faster_one() -> None:
    photograph = changed()
    assert (photograph.fusion.face_neutral, photograph.fusion.newcomer_neutral) == (ALIKE, ALIKE)
    assert (photograph.engines.face, photograph.camera.detector.model) == ("face", "centerface")


def test_disgust_counts_more_than_the_model_expects_unless_told_otherwise() -> None:
    assert changed().fusion.face_odds["disgust"] > 1
    own = {"face_odds": {"disgust": 0.5, "fear": 1.5}}
    assert changed(fusion=own).fusion.face_odds == own["face_odds"]
