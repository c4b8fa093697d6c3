"""Measurements that anyone can rerun; not part of the package."""
