"""The container files, read and done without a container engine: `python -m tests.image`."""
