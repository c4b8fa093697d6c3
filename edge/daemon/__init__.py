"""The daemon: its loop, the components it wires, their health and their control."""
