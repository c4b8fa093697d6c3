"""How good a run is: judging, robustness, choice among weights."""
