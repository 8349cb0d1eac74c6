"""Tests of the indexes beyond their contract."""
