"""From readings to moods: pooling, fusion, smoothing and the room; pure, with the clock passed in."""
