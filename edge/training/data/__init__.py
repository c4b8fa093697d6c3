"""What is trained on: corpora, features, augmentation."""
