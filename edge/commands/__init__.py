"""The sub-commands of `emotion-edge`, a module each."""
