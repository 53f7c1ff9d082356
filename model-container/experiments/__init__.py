"""Repeats measurements that decisions rest on. No part of the product: neither the container nor `python -m nvir` has it."""
