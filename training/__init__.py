"""How the weights are made and judged: data adapters, tasks, the training script, evaluation and its report."""
