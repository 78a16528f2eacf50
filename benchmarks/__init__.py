"""
Benchmarks; run with `python -m benchmarks.copy` from the top of the checkout.
"""
