"""The networks this project descends from, layer by layer as published."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from edge.vocabulary import LABELS

MEL_BANDS: Final = 96
MEL_FRAMES: Final = 431
"""2.5 s at 44.1 kHz with a hop of 256 samples."""
_SPEECH_CHANNELS: Final = (64, 128, 128, 128)
_SPEECH_POOLS: Final = (2, 3, 4, 4)


class OriginFace(nn.Module):
    """Six full-border convolutions, three poolings, dense 2048: (n, 1, 48, 48) -> (n, 7).

    As published, the 48 rows entered as channels of a 1x48 map; `as_image` gives the same stack the picture.
    """

    def __init__(self, *, as_image: bool = False) -> None:
        super().__init__()
        self.as_image = as_image
        inputs = 1 if as_image else 48
        layers: list[nn.Module] = []
        for outputs in (32, 64, 128):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=2), nn.ReLU()]
            layers += [
                nn.Conv2d(outputs, outputs, 3, padding=2),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Dropout(0.25),
            ]
            inputs = outputs
        self.features = nn.Sequential(*layers)
        self.dense = nn.Linear(9 * 9 * 128 if as_image else 3 * 9 * 128, 2048)
        self.dropout = nn.Dropout(0.5)
        self.emotions = nn.Linear(2048, len(LABELS))
        initialise_as_keras(self)

    def forward(self, x: Tensor) -> Tensor:
        """Emotion logits."""
        picture = x if self.as_image else x.transpose(1, 2)
        flat = self.features(picture).flatten(1)
        logits: Tensor = self.emotions(self.dropout(functional.relu(self.dense(flat))))
        return logits


def _block(inputs: int, outputs: int, pool: int) -> nn.Sequential:
    """ELU only rises: behind the pooling it gives the same as before it, on a fraction of the cells."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=2),
        nn.BatchNorm2d(outputs),
        nn.MaxPool2d(pool),
        nn.ELU(),
        nn.Dropout(0.25),
    )


def _blocks(count: int) -> nn.Sequential:
    inputs = (1, *_SPEECH_CHANNELS)
    return nn.Sequential(*(_block(inputs[i], _SPEECH_CHANNELS[i], _SPEECH_POOLS[i]) for i in range(count)))


class OriginSpeech(nn.Module):
    """Model 2: three blocks and three dense layers, (n, 1, 96, 431) -> (n, 7).

    Weights begin as PyTorch draws them: with Glorot's the wide dense layers give logits so large that the
    first epochs learn nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = _blocks(3)
        self.head = nn.Sequential(
            nn.Linear(9216, 2048),
            nn.ELU(),
            nn.Dropout(0.5),
            nn.Linear(2048, 1024),
            nn.ELU(),
            nn.Dropout(0.5),
            nn.Linear(1024, len(LABELS)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Emotion logits."""
        logits: Tensor = self.head(self.features(x).flatten(1))
        return logits


class OriginSpeechLstm(nn.Module):
    """Model 3: four blocks, two recurrent layers of 32, dense 16-16-7, (n, 1, 96, 431) -> (n, 7)."""

    def __init__(self) -> None:
        super().__init__()
        self.features = _blocks(4)
        self.recurrent = nn.LSTM(_SPEECH_CHANNELS[-1], 32, num_layers=2, batch_first=True)
        for name, parameter in self.recurrent.named_parameters():
            if name.startswith("bias_hh"):
                parameter.requires_grad_(False)
        self.head = nn.Sequential(
            nn.Linear(32, 16), nn.ELU(), nn.Linear(16, 16), nn.ELU(), nn.Linear(16, len(LABELS))
        )
        initialise_as_keras(self)

    def forward(self, x: Tensor) -> Tensor:
        """Emotion logits from the last of five steps."""
        sequence = self.features(x).squeeze(2).transpose(1, 2)
        steps, _ = self.recurrent(sequence.float())
        logits: Tensor = self.head(steps[:, -1])
        return logits


def initialise_as_keras(model: nn.Module) -> None:
    """Weights as Keras draws them: Glorot's uniform, biases 0, recurrent kernels orthogonal, forget bias 1.

    PyTorch's default is narrower; without batch norms the face stack then stays at the most frequent class.
    """
    for name, parameter in model.named_parameters():
        if "weight_hh" in name:
            nn.init.orthogonal_(parameter)
        elif parameter.ndim > 1:
            nn.init.xavier_uniform_(parameter)
        elif "bias" in name:
            nn.init.zeros_(parameter)
        if "bias_ih" in name:
            gate = len(parameter) // 4
            nn.init.ones_(parameter[gate : 2 * gate])


_SECOND_BIAS: Final = "bias_hh"


def keras_parameters(model: nn.Module) -> int:
    """Parameters as Keras counts them: with batch-norm statistics, without the second bias of an LSTM."""
    counted = sum(p.numel() for name, p in model.named_parameters() if _SECOND_BIAS not in name)
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d | nn.BatchNorm1d)]
    return counted + sum(2 * norm.num_features for norm in norms)


def layer_shapes(model: nn.Module, sample: Tensor) -> list[tuple[str, tuple[int, ...]]]:
    """Kind and output shape of every layer with weights and every pooling: channels last, no batch."""
    shapes: list[tuple[str, tuple[int, ...]]] = []

    def note(module: nn.Module, _: object, output: Tensor | tuple[Tensor, ...]) -> None:
        tensor = output[0] if isinstance(output, tuple) else output
        shape = tuple(tensor.shape[1:])
        ordered = (*shape[1:], shape[0]) if len(shape) == 3 else shape
        shapes.append((type(module).__name__, ordered))

    kinds = (nn.Conv2d, nn.Conv1d, nn.MaxPool2d, nn.LSTM, nn.Linear)
    hooks = [m.register_forward_hook(note) for m in model.modules() if isinstance(m, kinds)]
    was_training = model.training
    with torch.no_grad():
        model.eval()(sample)
    model.train(was_training)
    for hook in hooks:
        hook.remove()
    return shapes


__all__ = [
    "MEL_BANDS",
    "MEL_FRAMES",
    "OriginFace",
    "OriginSpeech",
    "OriginSpeechLstm",
    "initialise_as_keras",
    "keras_parameters",
    "layer_shapes",
]
