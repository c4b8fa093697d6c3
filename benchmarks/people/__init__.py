"""Several people in one picture, side by side, and whether each is followed and judged as if alone."""
