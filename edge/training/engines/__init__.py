"""From a run to an engine that ships: export, cards, INT8, fusion weights."""
