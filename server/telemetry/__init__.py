"""What the server tells about itself: log, metrics, timings, health, shoppers' events."""
