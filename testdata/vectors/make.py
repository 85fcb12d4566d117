#!/usr/bin/env python3
"""Makes the vectors, from fixed keys and nonces: the same bytes each time. See README.md."""

import failures
import key_groups
import more_formats
import successes
from builder import HERE, Vectors


def main():
    vectors = Vectors(HERE)
    successes.make(vectors)
    failures.make(vectors)
    more_formats.make(vectors)
    key_groups.make(vectors)
    print(f"{len(vectors.names)} vectors")


if __name__ == "__main__":
    main()
