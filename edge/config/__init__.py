"""The configuration: typed sections and their loading."""

from edge.config.loading import Loaded, load_config
from edge.config.masking import digest, mask_text, masked
from edge.config.models import Config
from edge.config.secrets import resolve_password, revealed

__all__ = [
    "Config",
    "Loaded",
    "digest",
    "load_config",
    "mask_text",
    "masked",
    "resolve_password",
    "revealed",
]
