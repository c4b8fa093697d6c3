// A face for each mood, drawn with a few strokes: eyes, brows, mouth.
const EYES = '<circle cx="35" cy="43" r="5"/><circle cx="65" cy="43" r="5"/>';
const WIDE = '<circle class="line" cx="35" cy="42" r="8"/><circle class="line" cx="65" cy="42" r="8"/><circle cx="35" cy="42" r="3"/><circle cx="65" cy="42" r="3"/>';
const SHUT = '<path class="line" d="M27 44h16M57 44h16"/>';
const SHAPES = {
  angry: EYES + '<path class="line" d="M25 30l16 7M75 30l-16 7M34 70q16-12 32 0"/>',
  disgust: EYES + '<path class="line" d="M26 34l15 2M74 30l-15 6M32 68q9-8 18 0t18-4"/>',
  fear: WIDE + '<path class="line" d="M24 29l14-5M76 29l-14-5M34 70q4-6 8 0t8 0 8 0 8 0"/>',
  happy: EYES + '<path class="line" d="M28 60q22 24 44 0"/>',
  sad: EYES + '<path class="line" d="M25 34l14-6M75 34l-14-6M34 72q16-16 32 0"/>',
  surprise: WIDE + '<ellipse class="line" cx="50" cy="70" rx="8" ry="10"/><path class="line" d="M26 26q9-6 17-2M74 26q-9-6-17-2"/>',
  neutral: EYES + '<path class="line" d="M34 67h32"/>',
  none: SHUT + '<path class="line" d="M42 66h16"/>',
  unsure: EYES + '<path class="line" d="M34 69q10-7 18 0t16-3"/>',
};

/** Draw the face of a mood into an SVG element. */
export function drawFace(svg, mood) {
  svg.innerHTML = '<circle class="line head" cx="50" cy="50" r="44"/>' + (SHAPES[mood] ?? SHAPES.unsure);
}
