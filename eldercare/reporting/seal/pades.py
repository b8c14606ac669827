"""Writing the signature: pyHanko, an invisible field outside the page, nothing else of the document touched."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import keys, pem, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from environ import Seal

FIELD = "Seal"
# print flag for PDF/A, a box outside the page for PDF/UA: the seal is on no page and in no reader's way
INVISIBLE = InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=True)
# the lists of revoked certificates go into the same update, so that the signature covers them and ends the file
WITHIN = DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE)
SILENT = (OSError, SigningError, PathBuildingError, PathValidationError, asyncio.TimeoutError, ValueError)


@dataclass(frozen=True)
class Sealed:
    """A sealed file, the level that was reached, and why not a higher one that was wished for."""

    pdf: bytes
    level: str  # B-B, B-T, B-LT
    why: str = ""


class _Update(IncrementalPdfFileWriter):
    """An update that says nothing new about the document: its dates, its producer stay as they were drawn."""

    def _update_meta(self) -> None:
        pass


class _Signer(SimpleSigner):
    """With the key as it was opened: pyHanko opens it anew for each signature, which takes ten times as long as signing."""

    opened: Any = None

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        algorithm = hashes.SHA256()  # as PdfSignatureMetadata says
        if isinstance(self.opened, rsa.RSAPrivateKey):
            return self.opened.sign(data, padding.PKCS1v15(), algorithm)
        signature: bytes = self.opened.sign(data, ec.ECDSA(algorithm))
        return signature


def certificates(file: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file."""
    return [x509.Certificate.load(der) for _type, _headers, der in pem.unarmor(file.read_bytes(), multiple=True)]


def service(url: str | None, user: str | None, password: str | None, seconds: int) -> HTTPTimeStamper | None:
    """The time-stamp service (RFC 3161) that is set, if any."""
    return HTTPTimeStamper(url, timeout=seconds, auth=(user, password or "") if user else None) if url else None


def sign(
    pdf: bytes, seal: Seal, *, reason: str, at: datetime, service: HTTPTimeStamper | None = None,
    trust: Sequence[x509.Certificate] = (),
) -> Sealed:
    """Sign as high as can be reached: B-LT, else B-T, else B-B. `trust`: the authorities whose word on revocation is kept."""
    return asyncio.run(_sign(pdf, seal, reason, at, service, trust))


async def _sign(
    pdf: bytes, seal: Seal, reason: str, at: datetime, service: HTTPTimeStamper | None, trust: Sequence[x509.Certificate]
) -> Sealed:
    signer = _signer(seal)
    plain = PdfSignatureMetadata(
        field_name=FIELD, reason=reason, name=signer.subject_name, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256",
    )  # fmt: skip
    why = ""
    if service and trust:
        async with asyncio.timeout(60):
            context = ValidationContext(trust_roots=list(trust), allow_fetching=True, revocation_mode="hard-fail")
            longer = replace(plain, embed_validation_info=True, validation_context=context, dss_settings=WITHIN)
            try:
                return Sealed(await _write(pdf, signer, longer, at, service), "B-LT")
            except SILENT as fault:
                why = f"{type(fault).__name__}: {fault}"
            finally:
                await context.aclose()  # type: ignore[no-untyped-call]
    if service:
        try:
            return Sealed(await _write(pdf, signer, plain, at, service), "B-T", why)
        except SILENT as fault:
            why = f"{type(fault).__name__}: {fault}"
    return Sealed(await _write(pdf, signer, plain, at, None), "B-B", why)


async def _write(pdf: bytes, signer: _Signer, meta: PdfSignatureMetadata, at: datetime, service: Any) -> bytes:
    # no byte of padding after a signature whose length is known: padding is not signed
    meta = replace(meta, tight_size_estimates=service is None and isinstance(signer.opened, rsa.RSAPrivateKey))
    field = SigFieldSpec(FIELD, on_page=0, invis_sig_settings=INVISIBLE)
    pdf_signer = PdfSigner(meta, signer, timestamper=service, new_field_spec=field)
    session = pdf_signer.init_signing_session(_Update(BytesIO(pdf)))
    session.system_time = at
    found = await session.perform_presign_validation()
    size = await session.estimate_signature_container_size(found, tight=meta.tight_size_estimates)
    document = session.prepare_tbs_document(validation_info=found, bytes_reserved=size)
    output = BytesIO()
    digest, _same = document.digest_tbs_document(output=output)
    done = await document.perform_signature(digest.document_digest, PdfCMSSignedAttributes(signing_time=at))
    await done.post_signature_processing(output)
    return output.getvalue()


@lru_cache(maxsize=2)
def _signer(seal: Seal) -> _Signer:
    """The signer of a key, made once."""
    certificate, *above = [x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in (seal.certificate, *seal.above)]
    private = seal.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    store: Any = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(above)
    signer = _Signer(certificate, keys.PrivateKeyInfo.load(private), store)
    signer.opened = seal.key
    return signer
