"""What is known of the data sets: titles, terms, and cautions that a training follows."""

from __future__ import annotations

from typing import Final

FER2013: Final = (
    "FER2013 (Goodfellow et al. 2013), Training rows",
    "pictures of an image search, rights with their owners; research",
)
FERPLUS: Final = ("FER+ votes (Barsoum et al. 2016)", "MIT")
WILD: Final = (
    "faces from the wild, grey and cut out (quanbk2512/effectnet 2023), by look a part of AffectNet "
    "(Mollahosseini et al. 2019)",
    "the copy states no licence; AffectNet: research under a signed agreement",
)
FACE_TITLES: Final = {"fer2013": FER2013, "wild": WILD}
"""By the name of the set."""
RECOGNISER: Final = (
    "a teacher only: HSE-FaceRec's MobileNet (Savchenko 2019), which learnt to tell people of VGGFace2 "
    "(Cao et al. 2018) apart, from @vladmandic/human 3.3.6; no part of this network",
    "MIT (the package); VGGFace2: research",
)
WHISPER: Final = (
    "the first layers of smart-turn v3.2 (pipecat-ai 1.14.0), which was made of Whisper's tiny encoder "
    "(Radford et al. 2022, 680,000 hours of speech from the web): the ear was fitted to what they hear",
    "BSD-2-Clause (smart-turn), MIT (Whisper): see speech.LICENSE",
)
SPEECH: Final = {
    "ravdess": ("RAVDESS (Livingstone and Russo 2018)", "CC BY-NC-SA 4.0"),
    "tess": ("TESS (Pichora-Fuller and Dupuis 2020)", "CC BY-NC-ND 4.0"),
    "emodb": ("Berlin EMO-DB (Burkhardt et al. 2005)", "free for research, no formal licence"),
    "emovo": ("EMOVO (Costantini et al. 2014)", "free for research, no formal licence"),
    "nemo": ("nEMO (Christop 2024)", "CC BY-NC-SA 4.0"),
    "ased": ("ASED (Retta et al. 2022)", "no licence stated; research"),
    "uem_es": (
        "Spanish emotional speech (Universidad Europea de Madrid 2020)",
        "no licence stated; research",
    ),
    "emospeech": ("Indian EmoSpeech Command Dataset (Banga et al. 2019), single words", "CC BY-NC-SA 4.0"),
    "emogator": ("EmoGator vocal bursts (Buhl 2023), no speech", "Apache-2.0"),
    "cremad": ("CREMA-D (Cao et al. 2014)", "ODbL 1.0"),
    "savee": ("SAVEE (Haq and Jackson 2009)", "registration; research"),
}
"""By the corpus's folder."""

__all__ = ["FACE_TITLES", "FER2013", "FERPLUS", "RECOGNISER", "SPEECH", "WHISPER", "WILD"]
