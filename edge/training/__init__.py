"""The laboratory: data sets, models, training, evaluation and export."""
