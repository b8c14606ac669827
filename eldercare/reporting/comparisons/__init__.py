"""两期对比 comparisons: two periods of one report side by side, tables aligned by what names their rows.

Owns: no table; it shows the sealed figures of two rows of `reports`, taken apart as `differences` does.
Words: 上期 the period before · 去年同期 the same period a year ago.
Floor 8, inside reporting.
"""
