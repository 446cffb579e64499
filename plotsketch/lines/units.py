"""What vpype's documents are measured in, and what they leave unsaid."""

MM_PER_PX = 25.4 / 96  # vpype counts in CSS pixels
DEFAULT_PEN_WIDTH = 0.3  # mm, for layers from elsewhere that do not name one
