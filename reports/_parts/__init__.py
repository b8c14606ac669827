"""The parts reports are made of: each collects its figures, and says from them alone what it shows.

A part is a module with KEY, `collect(g)` and `blocks(data, w)`; what else it may offer stands in `_paper/assemble.py`. Its
words are in the `.yaml` beside it. The same blocks become paper, screen and DOCX: a part never writes HTML.
"""
