"""居家养老 homecare: family care beds and the organisations that serve at home.

Owns: family_care_beds.
Words: 家庭养老床位 family care bed · 居家养老服务组织 home-care organisation.
Floor 6: never imports its neighbours.
"""
