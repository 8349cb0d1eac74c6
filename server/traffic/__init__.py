"""What every request passes: who gets in and when, and who may keep its answer."""
