"""From drawings to a trained model: training sets, batches, the loss, the trainer and the evaluation."""
