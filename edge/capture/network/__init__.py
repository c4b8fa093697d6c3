"""Cameras and microphones on the network: one connection, pictures and sound."""
