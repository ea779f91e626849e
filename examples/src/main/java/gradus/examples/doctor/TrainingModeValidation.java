package gradus.examples.doctor;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.data.Epoch;
import gradus.metric.Accuracy;
import gradus.tensor.Batch;
import gradus.train.Evaluation;

/** Judges with dropout on. */
final class TrainingModeValidation extends OwnLoop {
  @Override
  Evaluation evaluate(Run run) {
    double lossSum = 0;
    long correct = 0;
    long examples = 0;
    try (Epoch batches = run.validation().epoch(0)) {
      for (Batch batch : batches) {
        try (Pass pass = Pass.training(run.model().backend(), examples)) {
          Tensor logits = run.model().forward(pass.images(batch));
          Tensor labels = pass.labels(batch);
          lossSum += (double) run.loss().apply(logits, labels).item() * batch.size();
          correct += (long) Accuracy.correct(logits, labels).item();
          examples += batch.size();
        }
      }
    }
    return new Evaluation(examples, lossSum / examples, (double) correct / examples);
  }
}
