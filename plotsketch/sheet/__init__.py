"""From sketches to a sheet: paper, cells, and the vpype document that every output reads."""
