"""What contributors run: checks, measurements, generated files. None of it is installed."""
