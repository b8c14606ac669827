"""The child process that looks at a file somebody holds: run by its path, it knows nothing of the platform.

    python -I look.py '{"memory_mb": 1024, "seconds": 20}' < the file > what it is, one line of JSON

It says what it finds and judges nothing: size and hash; why it cannot be read; the seal, if there is one; what is
attached; the fingerprints and codes printed on the pages; `remains`: of a seal, whether it can be read or not.
Whatever a file does to a reader it does here.
"""

import hashlib
import json
import re
import resource
import sys
from io import BytesIO
from typing import Any

FIGURES = "figures.json"
OWN = "Made by this installation"  # as environ.py names the root above a key that a platform made for itself
MOST_PAGES = 600
PRINTED = re.compile(r"(?:\u6307\u7eb9|ingerprint)\W{0,3}([0-9a-f]{12})(?![0-9a-f])")
CODE = re.compile(r"(?<![\w-])((?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}|[0-9A-HJKMNP-TV-Z]{16})(?![\w-])")


def look(data: bytes) -> dict[str, Any]:
    """`fault`: empty, not_pdf, locked, broken, or None; see `_seal` and `_content` for the rest."""
    found: dict[str, Any] = {
        "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "fault": None, "seal": None, "seals": 0,
        "figures": None, "printed": [], "codes": [], "attached": {}, "remains": b"/ETSI.CAdES.detached" in data,
    }  # fmt: skip
    if not data.strip():
        return found | {"fault": "empty"}
    if b"%PDF-" not in data[:1024]:
        return found | {"fault": "not_pdf"}
    seals, locked = _seals(data)
    content = None if locked else _content(data)
    if locked or content == "locked":
        return found | {"fault": "locked"}
    if isinstance(content, dict):
        found |= content
    if seals:
        found["codes"] = CODE.findall(seals[0]["reason"]) + found["codes"]
    found |= {"seals": len(seals), "seal": seals[0] if seals else None}
    return found if content or seals else found | {"fault": "broken"}


# ---- the signature
def _seals(data: bytes) -> tuple[list[dict[str, Any]], bool]:
    """(every signature there is, whether the file is encrypted); nothing where it cannot be read."""
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 — limits come first

    try:
        reader = PdfFileReader(BytesIO(data))
        if reader.encrypted:
            return [], True
        return [_seal(data, each) for each in reader.embedded_regular_signatures], False
    except Exception:  # noqa: BLE001 — readers raise whatever comes to their mind
        return [], False


def _seal(data: bytes, signature: Any) -> dict[str, Any]:
    """One signature: `intact` (what it covers is unchanged), `whole` (it covers the file to its last byte), who, when.

    `tidy`: the unsigned gap holds the signature and nothing else, written in the one way we write it.
    """
    import warnings  # noqa: PLC0415

    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature  # noqa: PLC0415
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    signer = signature.signer_cert
    chain = [hashlib.sha256(each.dump()).hexdigest() for each in (signer, *signature.other_embedded_certs)]
    found: dict[str, Any] = {
        "intact": False, "whole": False, "tidy": False, "signer": _name(signer.subject), "chain": chain, "at": None,
        "issuer": _name(signer.issuer), "is_own": OWN in signer.issuer.human_friendly,
        "reason": str(signature.sig_object.get("/Reason", "")), "stamped_at": None, "stamped_by": None, "level": "B-B",
    }  # fmt: skip
    at = signature.self_reported_timestamp
    found["at"] = at.isoformat() if at else None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trusted = ValidationContext(trust_roots=[signer], allow_fetching=False, moment=at)
            status = validate_pdf_signature(signature, trusted, trusted, skip_diff=True)
        found |= {
            "intact": bool(status.intact and status.valid), "whole": status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
            "tidy": _is_tidy(data, signature),
        }  # fmt: skip
        stamp = status.timestamp_validity
        if stamp is not None:
            found["intact"] = found["intact"] and bool(stamp.intact and stamp.valid)
            found |= {"stamped_at": stamp.timestamp.isoformat(), "stamped_by": _name(stamp.signing_cert.subject)}
            root = signature.reader.root
            kept = root["/DSS"] if "/DSS" in root else {}  # noqa: SIM401 — get() leaves a reference unresolved
            found["level"] = "B-LT" if "/CRLs" in kept or "/OCSPs" in kept else "B-T"
    except Exception:  # noqa: BLE001 — a signature that cannot be judged is not intact
        found["intact"] = False
    return found


def _name(subject: Any) -> str:
    names = subject.native
    return str(names.get("common_name") or names.get("organization_name") or subject.human_friendly)


def _is_tidy(data: bytes, signature: Any) -> bool:
    from asn1crypto import cms  # noqa: PLC0415

    _zero, before, after, _length = map(int, signature.byte_range)
    gap = data[before:after]
    inside = bytes.fromhex(gap[1:-1].decode("ascii"))
    info = cms.ContentInfo.load(inside)
    der = info.dump(force=True)
    unsigned = {each["type"].native for each in signature.signer_info["unsigned_attrs"]}
    return (
        gap == b"<" + inside.hex().upper().encode() + b">"
        and inside == der + bytes(len(inside) - len(der))
        and unsigned <= {"signature_time_stamp_token"}
    )


# ---- what it holds
def _content(data: bytes) -> dict[str, Any] | str | None:
    """`figures`: SHA-256 of the attached ones; `printed`, `codes`: what stands on the pages; `attached`: name → SHA-256."""
    from pypdf import PdfReader  # noqa: PLC0415

    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted:
            return "locked"
        pages = len(reader.pages)
    except Exception:  # noqa: BLE001
        return None
    attached: dict[str, str] = {}
    printed: set[str] = set()
    codes: set[str] = set()
    try:
        for name, files in reader.attachments.items():
            attached[name] = hashlib.sha256(b"".join(files)).hexdigest()
        for number in range(min(pages, MOST_PAGES)):
            text = reader.pages[number].extract_text()
            printed.update(PRINTED.findall(text))
            codes.update(CODE.findall(text))
    except Exception:  # noqa: BLE001 — what cannot be read is not there
        attached.setdefault(FIGURES, "")
    found = {"figures": attached.get(FIGURES), "printed": sorted(printed), "codes": sorted(codes), "attached": attached}
    return found | {"pages": pages}


def main() -> None:
    """One file in, one line out."""
    limits = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_mb"] << 20,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write(json.dumps(look(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
