import pytest

from chain.crypto.signing import SigningKey
from node.keystore.derivation import MalformedPath, derived_seed, steps_of

LONG_SEED = (
    "fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a2"
    "9f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542"
)

# SLIP-0010, test vectors 1 and 2 for ed25519: seed, path, private key, public key.
VECTORS = [
    (
        "000102030405060708090a0b0c0d0e0f",
        "m",
        "2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7",
        "a4b2856bfec510abab89753fac1ac0e1112364e7d250545963f135f2a33188ed",
    ),
    (
        "000102030405060708090a0b0c0d0e0f",
        "m/0'",
        "68e0fe46dfb67e368c75379acec591dad19df3cde26e63b93a8e704f1dade7a3",
        "8c8a13df77a28f3445213a0f432fde644acaa215fc72dcdf300d5efaa85d350c",
    ),
    (
        "000102030405060708090a0b0c0d0e0f",
        "m/0'/1'/2'/2'/1000000000'",
        "8f94d394a8e8fd6b1bc2f3f49f5c47e385281d5c17e65324b0f62483e37e8793",
        "3c24da049451555d51a7014a37337aa4e12d41e485abccfa46b47dfb2af54b7a",
    ),
    (
        LONG_SEED,
        "m/0'/2147483647'",
        "ea4f5bfe8694d8bb74b7b59404632fd5968b774ed545e810de9c32a4fb4192f4",
        "5ba3b9ac6e90e83effcd25ac4e58a1365a9e35a3d3ae5eb07b9e4d90bcf7506d",
    ),
]


@pytest.mark.parametrize(("master", "path", "private", "public"), VECTORS)
def test_derivation_agrees_with_the_published_vectors(
    master: str, path: str, private: str, public: str
) -> None:
    seed = derived_seed(bytes.fromhex(master), path)

    assert private == seed.hex()
    assert public == SigningKey.from_seed(seed).public_key.hex()


@pytest.mark.parametrize(
    "path", ["", "m/", "m/0", "m/0'/x'", "0'", "m/2147483648'", "m" + "/0'" * 17, "m/-1'"]
)
def test_path_with_a_step_that_is_not_hardened_is_refused(path: str) -> None:
    with pytest.raises(MalformedPath):
        steps_of(path)
