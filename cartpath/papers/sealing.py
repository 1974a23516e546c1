"""Two locks: the passphrase of a center in the database, and the pack under the passphrase.

The night's work needs the passphrase when nobody is there to type it, so it is kept, under AES-256-GCM with
a key made of the house's secret key (HKDF, RFC 5869); whoever has only the database can't read it. The pack
is a PDF under AES-256 as PDF 2.0 has it (ISO 32000-2, revision 6); a reader asks for the passphrase.
"""

import os
from io import BytesIO
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from pypdf import PdfReader, PdfWriter

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_PURPOSE: Final = b"cartpath: passphrase of the pack for downtime"


class SealBroken(Exception):
    """The secret key is another one than when the passphrase was kept."""


def seal_passphrase(passphrase: str, *, center_id: int) -> bytes:
    """The passphrase as it is kept; only for this center."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(_key()).encrypt(nonce, passphrase.encode(), str(center_id).encode())


def open_passphrase(sealed: bytes, *, center_id: int) -> str:
    """The passphrase again. Raises `SealBroken`."""
    nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(_key()).decrypt(nonce, text, str(center_id).encode()).decode()
    except InvalidTag as error:
        raise SealBroken from error


def encrypted(pdf: bytes, passphrase: str) -> bytes:
    """A PDF that opens with the passphrase alone; nobody has an owner's password."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf)))
    writer.encrypt(user_password=passphrase, owner_password=os.urandom(_KEY_BYTES).hex(), algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _key() -> bytes:
    maker = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE)
    return maker.derive(settings.SECRET_KEY.encode())
