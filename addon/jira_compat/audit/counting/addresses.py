"""The client's address, out of what logs write for it."""


def bare_address(text: str) -> str:
    """An address without its port and brackets."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
