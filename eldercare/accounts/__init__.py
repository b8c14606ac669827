"""账号 accounts: people who sign in; which role, reaching where, from when to when.

Owns: users, grants, past_passwords, sign_in_failures, api_tokens.
Words: 账号 account · 授权 grant · 角色 role.
Floor 2: knows places, so that a role can reach one.
"""
