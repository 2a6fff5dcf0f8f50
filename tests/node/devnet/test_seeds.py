from node.devnet.seeds import (
    ACCOUNT_NAMES,
    consensus_seed,
    development_seed,
    identity_seed,
    oracle_seed,
)


def test_every_published_key_is_another() -> None:
    names = [f"auth{index}" for index in range(100)]
    seeds = [development_seed(name) for name in ACCOUNT_NAMES]
    seeds += [seed(name) for seed in (consensus_seed, oracle_seed, identity_seed) for name in names]

    assert len(seeds) == len(set(seeds))


def test_development_seed_is_permanent() -> None:
    expected = "7bd1f71b1249cc6b7363e2884bd4ed5d2d69531d25ca45628984a816917b26e3"

    assert expected == development_seed("alice").hex()
