"""Speed, measured as ratios within one run: `python -m bench`, described in docs/benchmarks.md."""
