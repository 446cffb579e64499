"""What happens to the lines of a sheet between drawing and writing."""
