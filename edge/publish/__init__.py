"""Moods out over MQTT and to Home Assistant."""
