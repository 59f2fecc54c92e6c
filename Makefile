# Every target sets up what it needs by itself, on a machine with only Python ≥ 3.11 and make.
# Start with `make help`.
.DEFAULT_GOAL := help
