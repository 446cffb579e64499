"""Sheets as files: one module a format."""
