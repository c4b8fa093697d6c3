"""Devices and files in, frames and sound out."""
