"""The ledger as people read it (台账): its rows, who knew and when, whether the chain is whole."""
