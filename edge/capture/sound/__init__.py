"""Microphones: devices in, chunks of sound out."""
