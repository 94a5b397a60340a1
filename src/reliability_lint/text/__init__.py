"""Source text: reading it, places in it, our comments in it. Knows nothing of syntax trees."""
