"""审核签发 approval: how a draft becomes an edition that is published, and how one is taken back.

Owns: report_comments.
Words: 审核 review · 批准 approve · 发布 publish · 撤回 withdraw · 期号 issue number · 文字部分 text parts.
Floor 8, inside reporting: its columns stand in `reports` (`Life` in models.py), its doors below /reporting/<id>/approval/.
"""
