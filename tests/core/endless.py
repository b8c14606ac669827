"""A decoder that never ends."""

while True:
    pass
