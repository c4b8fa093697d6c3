"""Cameras: devices and network streams in, frames out."""
