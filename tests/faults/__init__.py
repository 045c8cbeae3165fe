"""Each test here breaks a real part of a running site, under load, and counts what readers get."""
