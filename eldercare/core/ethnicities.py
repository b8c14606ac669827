"""The fifty-six ethnic groups by the letter codes of GB/T 3304-1991."""

from typing import Any

from flask_babel import lazy_gettext as _l

ETHNICITY_WORDS: dict[str, Any] = {
    "HA": _l("Han"), "MG": _l("Mongol"), "HU": _l("Hui"), "ZA": _l("Tibetan"), "UG": _l("Uygur"), "MH": _l("Miao"),
    "YI": _l("Yi"), "ZH": _l("Zhuang"), "BY": _l("Bouyei"), "CS": _l("Korean"), "MA": _l("Manchu"), "DO": _l("Dong"),
    "YA": _l("Yao"), "BA": _l("Bai"), "TJ": _l("Tujia"), "HN": _l("Hani"), "KZ": _l("Kazak"), "DA": _l("Dai"),
    "LI": _l("Li"), "LS": _l("Lisu"), "VA": _l("Va"), "SH": _l("She"), "GS": _l("Gaoshan"), "LH": _l("Lahu"),
    "SU": _l("Sui"), "DX": _l("Dongxiang"), "NX": _l("Naxi"), "JP": _l("Jingpo"), "KG": _l("Kirgiz"), "TU": _l("Tu"),
    "DU": _l("Daur"), "ML": _l("Mulao"), "QI": _l("Qiang"), "BL": _l("Blang"), "SL": _l("Salar"), "MN": _l("Maonan"),
    "GL": _l("Gelao"), "XB": _l("Xibe"), "AC": _l("Achang"), "PM": _l("Pumi"), "TA": _l("Tajik"), "NU": _l("Nu"),
    "UZ": _l("Uzbek"), "RS": _l("Russian"), "EW": _l("Ewenki"), "DE": _l("De’ang"), "BN": _l("Bonan"), "YG": _l("Yugur"),
    "GI": _l("Gin"), "TT": _l("Tatar"), "DR": _l("Derung"), "OR": _l("Oroqen"), "HZ": _l("Hezhen"), "MB": _l("Monba"),
    "LB": _l("Lhoba"), "JN": _l("Jino"),
}  # fmt: skip
