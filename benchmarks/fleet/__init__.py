"""Many virtual hubs against real brokers: how far one broker carries."""
