"""Signatures on which ed25519 libraries disagree, each with the chain's one verdict.

The same list is docs/specs/vectors/ed25519.json, for programs in other languages.
"""

from typing import NamedTuple


class SignatureVector(NamedTuple):
    """One signature and whether it is genuine."""

    name: str
    public_key: bytes
    message: bytes
    signature: bytes
    genuine: bool


def _vector(
    name: str, public_key: str, message: str, signature: str, *, genuine: bool
) -> SignatureVector:
    return SignatureVector(
        name,
        bytes.fromhex(public_key),
        bytes.fromhex(message),
        bytes.fromhex(signature),
        genuine,
    )


SIGNATURE_VECTORS: tuple[SignatureVector, ...] = (
    _vector(
        "honest",
        "45c6870f060ed8e0c9a899953d460904ef7775bc9dd7989eed36d8dd32986acf",
        "6e6f766174696f6e",
        "2e3476ec47821f5e8ec85e6371b9d2ef4d8fefc2d3f9b4ccda659c96f1118e03"
        "f697e81e1a4fe3682e6943411ad598664a367902ce0101f5dc583da50c737508",
        genuine=True,
    ),
    _vector(
        "honest, empty message",
        "45c6870f060ed8e0c9a899953d460904ef7775bc9dd7989eed36d8dd32986acf",
        "",
        "2e3476ec47821f5e8ec85e6371b9d2ef4d8fefc2d3f9b4ccda659c96f1118e03"
        "39e7d370135677f454b9c0e3217535fea26ec927baeca7dff7f9cee91d8c3a07",
        genuine=True,
    ),
    _vector(
        "another message",
        "45c6870f060ed8e0c9a899953d460904ef7775bc9dd7989eed36d8dd32986acf",
        "6e6f766174696f4e",
        "2e3476ec47821f5e8ec85e6371b9d2ef4d8fefc2d3f9b4ccda659c96f1118e03"
        "f697e81e1a4fe3682e6943411ad598664a367902ce0101f5dc583da50c737508",
        genuine=False,
    ),
    _vector(
        "S plus L",
        "45c6870f060ed8e0c9a899953d460904ef7775bc9dd7989eed36d8dd32986acf",
        "6e6f766174696f6e",
        "2e3476ec47821f5e8ec85e6371b9d2ef4d8fefc2d3f9b4ccda659c96f1118e03"
        "e36bde7b34b2f5c004063be4f8ce777b4a367902ce0101f5dc583da50c737518",
        genuine=False,
    ),
    _vector(
        "S plus many L",
        "45c6870f060ed8e0c9a899953d460904ef7775bc9dd7989eed36d8dd32986acf",
        "6e6f766174696f6e",
        "2e3476ec47821f5e8ec85e6371b9d2ef4d8fefc2d3f9b4ccda659c96f1118e03"
        "d9025091a51df791bd99c5cd2579a99f4b367902ce0101f5dc583da50c7375f8",
        genuine=False,
    ),
    _vector(
        "R of mixed order, A normal",
        "45c6870f060ed8e0c9a899953d460904ef7775bc9dd7989eed36d8dd32986acf",
        "6e6f766174696f6e",
        "bfa09e5238485e531b5acf9f4c6c4308175cd99ea5ecf2d77ac437ebd41156fb"
        "92a847f24d242ed7c3e3fd49c46db83ea293f78596264ec666cb9a1f2b7a1003",
        genuine=False,
    ),
    _vector(
        "A of mixed order, k = 0 mod 8",
        "2147d9638abd0c473f331fd2b195af580ebc495daebf054eb23cfb5b9eda0fa9",
        "6d32",
        "2e3476ec47821f5e8ec85e6371b9d2ef4d8fefc2d3f9b4ccda659c96f1118e03"
        "027ddb8edf4e28bb1a5932e25e13aa374ff1695529dea35aaf3e69730b3d220d",
        genuine=True,
    ),
    _vector(
        "A of mixed order, k != 0 mod 8",
        "2147d9638abd0c473f331fd2b195af580ebc495daebf054eb23cfb5b9eda0fa9",
        "6d30",
        "2e3476ec47821f5e8ec85e6371b9d2ef4d8fefc2d3f9b4ccda659c96f1118e03"
        "7d32353dec68091afdde32f75e3eb2cdef4c60dbf25163e560a0d9aa71c62806",
        genuine=False,
    ),
    _vector(
        "A and R of mixed order, cofactorless equation holds",
        "2147d9638abd0c473f331fd2b195af580ebc495daebf054eb23cfb5b9eda0fa9",
        "7131",
        "bfa09e5238485e531b5acf9f4c6c4308175cd99ea5ecf2d77ac437ebd41156fb"
        "522c648587eee467b76e11de7749d759c4a62acaa11f53d99f3756b396269506",
        genuine=True,
    ),
    _vector(
        "A and R the identity, S zero",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "6e6f766174696f6e",
        "0100000000000000000000000000000000000000000000000000000000000000"
        "0000000000000000000000000000000000000000000000000000000000000000",
        genuine=False,
    ),
    _vector(
        "A of order 8, S zero",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "6e6f766174696f6e",
        "0100000000000000000000000000000000000000000000000000000000000000"
        "0000000000000000000000000000000000000000000000000000000000000000",
        genuine=False,
    ),
    _vector(
        "A of order 4, S zero",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "6e6f766174696f6e",
        "0100000000000000000000000000000000000000000000000000000000000000"
        "0000000000000000000000000000000000000000000000000000000000000000",
        genuine=False,
    ),
    _vector(
        "A of order 2, S zero",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "6e6f766174696f6e",
        "0100000000000000000000000000000000000000000000000000000000000000"
        "0000000000000000000000000000000000000000000000000000000000000000",
        genuine=False,
    ),
    _vector(
        "R the identity, A normal",
        "45c6870f060ed8e0c9a899953d460904ef7775bc9dd7989eed36d8dd32986acf",
        "6e6f766174696f6e",
        "0100000000000000000000000000000000000000000000000000000000000000"
        "93d769fba106ddfb92bda6fa5d920dc2a3f7af1854646e78a9e380320c7bd300",
        genuine=False,
    ),
    _vector(
        "R of order 8, A normal",
        "45c6870f060ed8e0c9a899953d460904ef7775bc9dd7989eed36d8dd32986acf",
        "6e6f766174696f6e",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
        "1fbebf8b389d8a5061f1889a5334d8555c579d6243534e98117169c397d6a101",
        genuine=False,
    ),
    _vector(
        "R the identity, non-canonical",
        "45c6870f060ed8e0c9a899953d460904ef7775bc9dd7989eed36d8dd32986acf",
        "6e6f766174696f6e",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
        "98fcd5da91d9867e79133d4d91e33dce3814f63c45ce6fa904eefec3e4cf8c03",
        genuine=False,
    ),
    _vector(
        "A the identity, non-canonical",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "6e6f766174696f6e",
        "2e3476ec47821f5e8ec85e6371b9d2ef4d8fefc2d3f9b4ccda659c96f1118e03"
        "4181d405b57276334fdeb24490d1ccf3b5df35da02937a301c30cbd90a65270a",
        genuine=False,
    ),
    _vector(
        "A the identity with its sign bit set",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "6e6f766174696f6e",
        "2e3476ec47821f5e8ec85e6371b9d2ef4d8fefc2d3f9b4ccda659c96f1118e03"
        "4181d405b57276334fdeb24490d1ccf3b5df35da02937a301c30cbd90a65270a",
        genuine=False,
    ),
    _vector(
        "R the identity with its sign bit set",
        "45c6870f060ed8e0c9a899953d460904ef7775bc9dd7989eed36d8dd32986acf",
        "6e6f766174696f6e",
        "0100000000000000000000000000000000000000000000000000000000000080"
        "b22ea3d64868774745d5737916ff7e5ef2d1329e24501e926139b681524ab809",
        genuine=False,
    ),
    _vector(
        "A non-canonical, of large order",
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "6e6f766174696f6e",
        "2e3476ec47821f5e8ec85e6371b9d2ef4d8fefc2d3f9b4ccda659c96f1118e03"
        "4181d405b57276334fdeb24490d1ccf3b5df35da02937a301c30cbd90a65270a",
        genuine=False,
    ),
    _vector(
        "A not on the curve",
        "0200000000000000000000000000000000000000000000000000000000000000",
        "6e6f766174696f6e",
        "2e3476ec47821f5e8ec85e6371b9d2ef4d8fefc2d3f9b4ccda659c96f1118e03"
        "4181d405b57276334fdeb24490d1ccf3b5df35da02937a301c30cbd90a65270a",
        genuine=False,
    ),
    _vector(
        "R not on the curve",
        "45c6870f060ed8e0c9a899953d460904ef7775bc9dd7989eed36d8dd32986acf",
        "6e6f766174696f6e",
        "0200000000000000000000000000000000000000000000000000000000000000"
        "f697e81e1a4fe3682e6943411ad598664a367902ce0101f5dc583da50c737508",
        genuine=False,
    ),
    _vector(
        "S zero",
        "45c6870f060ed8e0c9a899953d460904ef7775bc9dd7989eed36d8dd32986acf",
        "6e6f766174696f6e",
        "2e3476ec47821f5e8ec85e6371b9d2ef4d8fefc2d3f9b4ccda659c96f1118e03"
        "0000000000000000000000000000000000000000000000000000000000000000",
        genuine=False,
    ),
)
