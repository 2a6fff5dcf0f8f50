from node.keystore.fault import KeystoreFault


def test_fault_of_a_key_says_that_nothing_was_signed() -> None:
    fault = KeystoreFault("key_exists", "It is there.", hint="Choose another name.")

    said = str(fault)

    assert "It is there.\n  Nothing was signed.\n  Choose another name." == said
    assert (1521, 7) == (fault.code, fault.exit_code)
