"""公示 public: what anybody may read without signing in.

Owns: nothing; shows what the floors below have published.
Words: 公示 publication · 双随机、一公开 double-random, one publication.
Floor 8: reads everything the wall leaves to nobody in particular; nobody imports it.
"""
