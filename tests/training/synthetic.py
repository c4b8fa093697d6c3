"""Small data sets in the public layouts, made up: no emotion in them, only something to learn."""

import csv
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from onnx import helper, numpy_helper

RATE = 16_000
WIDTHS = (4, 6, 8, 8, 10, 10, 12, 12, 12, 12, 12, 12, 14, 14)
"""Channels of a small recogniser of faces."""
RAVDESS_CODES = (5, 7, 6, 3, 4, 8, 1)
"""RAVDESS's emotion codes in label order."""


def voice(label: int, seed: int, seconds: float = 0.8) -> NDArray[np.float32]:
    """A pulsing tone whose pitch depends on the label, with silence around it."""
    generator = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE)) / RATE
    pitch = 150 * 1.5**label * (1 + 0.02 * generator.normal())
    tone = 0.2 * np.sin(2 * np.pi * pitch * t) * (1 + np.sin(2 * np.pi * (2 + label) * t))
    hiss = 1e-3 * generator.normal(size=len(t))
    quiet = 1e-4 * generator.normal(size=RATE // 4)
    return np.concatenate([quiet, tone + hiss, quiet]).astype(np.float32)


def write_ravdess(folder: Path, actors: int = 4, takes: int = 1) -> None:
    """Files named as RAVDESS's, with an index that leaves out the last actor for validation."""
    rows = []
    for actor in range(1, actors + 1):
        for label, code in enumerate(RAVDESS_CODES):
            for take in range(1, takes + 1):
                name = f"Actor_{actor:02d}/03-01-{code:02d}-01-01-{take:02d}-{actor:02d}.wav"
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                soundfile.write(path, voice(label, actor * 100 + take), RATE)
                rows.append((name, f"RAV_{actor:02d}", label, "valid" if actor == actors else "train"))
    names = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    with (folder / "index.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "speaker", "sex", "emotion", "split"])
        writer.writerows([name, speaker, "male", names[label], split] for name, speaker, label, split in rows)


def write_savee(folder: Path, takes: int = 2) -> None:
    """Two speakers' files named as SAVEE's, which say nothing of a split."""
    folder.mkdir(parents=True)
    for speaker, offset in (("DC", 1000), ("JE", 2000)):
        for label, code in enumerate(("a", "d", "f", "h", "sa", "su", "n")):
            for take in range(1, takes + 1):
                soundfile.write(folder / f"{speaker}_{code}{take:02d}.wav", voice(label, offset + take), RATE)


def faces(n: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Noise with stripes whose width depends on the label."""
    generator = np.random.default_rng(seed)
    labels = np.arange(n) % 7
    images = generator.integers(0, 120, (n, 48, 48))
    stripes = np.arange(48)[None] // (labels[:, None] + 1) % 2 * 120
    images += stripes[:, :, None]
    return images.astype(np.uint8), labels


def write_fer2013(path: Path, train: int = 112, public: int = 35) -> None:
    """An `.npz` as the data folder's, one PublicTest picture also in Training."""
    images, labels = faces(train + public, 0)
    images[0], labels[0] = images[train], labels[train]
    usage = np.repeat([0, 1], [train, public]).astype(np.int8)
    votes = np.zeros((train + public, 10), np.uint8)
    votes[np.arange(train + public), labels] = 10
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path, images=images, labels=labels.astype(np.int8), usage=usage, ferplus_votes=votes,
        usage_names=np.array(["Training", "PublicTest"]),
    )  # fmt: skip


def write_background(data: Path) -> None:
    """Five noises and five rooms with their indices."""
    generator = np.random.default_rng(3)
    room = np.exp(-np.arange(800) / 100) * generator.normal(size=800) * 0.5
    for kind, sound in (("noise", generator.normal(0, 0.1, RATE)), ("rir", room)):
        folder = data / kind
        folder.mkdir(parents=True)
        names = [f"{kind}_{i}.wav" for i in range(5)]
        for name in names:
            soundfile.write(folder / name, np.clip(sound, -1, 1), RATE)
        (folder / "index.csv").write_text("file,natural\n" + "".join(f"{name},1\n" for name in names))


def write_corpus(folder: Path, speakers: int, classes: tuple[str, ...], *, offset: int = 0) -> None:
    """A corpus with an index: the last speaker for validation, some classes, two takes each."""
    folder.mkdir(parents=True)
    names = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    rows = []
    for speaker in range(speakers):
        for label in classes:
            for take in range(2):
                name = f"{speaker}-{label}-{take}.wav"
                seed = offset + speaker * 100 + take
                soundfile.write(folder / name, voice(names.index(label), seed), RATE)
                split = "valid" if speaker == speakers - 1 else "train"
                rows.append(f"{name},{folder.name}_{speaker},{label},{split}")
    (folder / "index.csv").write_text("\n".join(["file,speaker,emotion,split", *rows]))


def write_wild(path: Path, train: int = 70, valid: int = 28) -> None:
    """Faces cut out on black: a rounded patch of stripes, a dark mouth inside it."""
    images, labels = faces(train + valid, seed=9)
    rows, columns = np.mgrid[:48, :48]
    outside = np.hypot(rows - 23.5, columns - 23.5) > 22
    images = np.maximum(images, 20)
    images[:, 30:33, 18:30] = 0
    images[:, outside] = 3
    path.parent.mkdir(parents=True, exist_ok=True)
    usage = np.repeat([0, 1], [train, valid]).astype(np.int8)
    np.savez(path, images=images, labels=labels.astype(np.int8), usage=usage, usage_names=["train", "valid"])


def recogniser(seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Made-up weights by the names and in the shapes of `faceres.json`."""
    generator = np.random.default_rng(seed)

    def some(*shape: int) -> NDArray[np.float32]:
        return generator.normal(0, 0.5, shape).astype(np.float32)

    found: dict[str, NDArray[np.float32]] = {}
    found["conv1/convolution/merged_input"] = some(3, 3, 3, WIDTHS[0]) * np.float32(0.01)
    found["conv1_bn/batchnorm_1/sub"] = some(WIDTHS[0])
    for number, (inputs, outputs) in enumerate(pairwise(WIDTHS), start=1):
        found[f"conv_dw_{number}/depthwise_kernel"] = some(3, 3, inputs, 1)
        found[f"conv_dw_{number}_bn/batchnorm_1/mul"] = some(inputs)
        found[f"conv_dw_{number}_bn/batchnorm_1/sub"] = some(inputs)
        found[f"conv_pw_{number}/convolution/merged_input"] = some(1, 1, inputs, outputs)
        found[f"conv_pw_{number}_bn/batchnorm_1/sub"] = some(outputs)
    return found


def write_tfjs(path: Path, weights: dict[str, NDArray[np.float32]]) -> None:
    """A model of TensorFlow.js, its weights alone."""
    entries = [{"name": name, "shape": each.shape, "dtype": "float32"} for name, each in weights.items()]
    groups = [{"paths": [f"{path.stem}.bin"], "weights": entries}]
    path.write_text(json.dumps({"weightsManifest": groups}))
    path.with_suffix(".bin").write_bytes(b"".join(each.tobytes() for each in weights.values()))


def write_smart_turn(
    path: Path, width: int = 384, layers: int = 1, seed: int = 0
) -> dict[str, NDArray[np.float32]]:
    """A model quantised and named as smart-turn's, its weights alone; returns them before quantising."""
    generator, nodes, stored = np.random.default_rng(seed), [], []
    kept: dict[str, NDArray[np.float32]] = {}

    def some(*shape: int) -> NDArray[np.float32]:
        return generator.normal(0, (shape[1] if len(shape) > 1 else 4) ** -0.5, shape).astype(np.float32)

    def quantised(name: str, values: NDArray[np.float32], axis: int) -> str:
        scale = np.abs(values).max(axis=tuple(k for k in range(values.ndim) if k != axis)) / 127
        shape = [-1 if k == axis else 1 for k in range(values.ndim)]
        whole = np.rint(values / scale.reshape(shape)).astype(np.int8)
        for end, each in (("", whole), ("_scale", scale), ("_zero", np.zeros(len(scale), np.int8))):
            stored.append(numpy_helper.from_array(each, f"{name}{end}"))
        output = f"{name}_DequantizeLinear_Output"
        names = [f"{name}{end}" for end in ("", "_scale", "_zero")]
        nodes.append(helper.make_node("DequantizeLinear", names, [output], axis=axis))
        return output

    def plain(name: str, values: NDArray[np.float32]) -> None:
        kept[name] = values
        stored.append(numpy_helper.from_array(values, f"inner.encoder.{name}"))

    for number, inputs in ((1, 80), (2, width)):
        kept[f"conv{number}.weight"] = some(width, inputs, 3) / np.float32(3**0.5)
        quantised(f"inner.encoder.conv{number}.weight", kept[f"conv{number}.weight"], 0)
        plain(f"conv{number}.bias", some(width))
    plain("embed_positions.weight", some(400, width))
    products = [
        "self_attn.k_proj",
        "self_attn.q_proj",
        "self_attn.v_proj",
        "self_attn.out_proj",
        "fc1",
        "fc2",
    ]
    sizes = [(width, width)] * 4 + [(4 * width, width), (width, 4 * width)]
    for layer in range(layers):
        for norm in ("self_attn_layer_norm", "final_layer_norm"):
            plain(f"layers.{layer}.{norm}.weight", some(width) / np.float32(4) + np.float32(1))
            plain(f"layers.{layer}.{norm}.bias", some(width) / np.float32(4))
        for name, (outputs, inputs) in zip(products, sizes, strict=True):
            full = f"layers.{layer}.{name}"
            kept[f"{full}.weight"] = some(outputs, inputs)
            if not name.endswith("k_proj"):
                plain(f"{full}.bias", some(outputs))
            source = quantised(f"val_{layer}_{name}", np.ascontiguousarray(kept[f"{full}.weight"].T), 1)
            nodes.append(helper.make_node("MatMul", [f"x{full}", source], [f"y{full}"]))
    path.write_bytes(helper.make_model(helper.make_graph(nodes, "g", [], [], stored)).SerializeToString())
    return kept
