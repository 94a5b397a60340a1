"""What the calls and functions of one file mean together: handlers and what they reach, retries and what they repeat, what is sent to a client."""
