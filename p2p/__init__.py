"""Bytes between peers: topics and frames, not blocks."""
