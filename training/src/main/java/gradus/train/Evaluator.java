package gradus.train;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.metric.Accuracy;
import gradus.metric.Metric;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;

/** Runs a model over a data set without changing it. */
public final class Evaluator {
  private final Model model;
  private final Loss loss;
  private TestTimeAugmentation augmentation;

  /** Judges {@code model} by {@code loss} and accuracy. */
  public Evaluator(Model model, Loss loss) {
    this.model = model;
    this.loss = loss;
  }

  /** Judges the mean over several views of each image; by default there is one. */
  public Evaluator testTimeAugmentation(TestTimeAugmentation value) {
    augmentation = value;
    return this;
  }

  /**
   * Loss and accuracy over all examples of the loader.
   *
   * @param metrics further ones, which are given the logits of every batch
   */
  public Evaluation evaluate(DataLoader loader, Metric... metrics) {
    double lossSum = 0;
    long correct = 0;
    long examples = 0;
    try (Epoch batches = loader.epoch(0)) {
      for (Batch batch : batches) {
        float[] viewed = augmentation == null ? null : augmentation.logits(model, batch);
        try (Pass pass = Pass.evaluating(model.backend())) {
          Tensor logits =
              viewed == null
                  ? model.forward(pass.images(batch))
                  : pass.tensor(
                      FloatBuffer.wrap(viewed),
                      Shape.of(batch.size(), viewed.length / batch.size()));
          Tensor labels = pass.labels(batch);
          lossSum += (double) loss.apply(logits, labels).item() * batch.size();
          correct += (long) Accuracy.correct(logits, labels).item();
          examples += batch.size();
          if (metrics.length > 0) {
            float[] values = logits.toArray();
            for (Metric metric : metrics) {
              metric.add(values, logits.shape().dim(1), batch.labels());
            }
          }
        }
      }
    }
    return examples == 0
        ? Evaluation.NONE
        : new Evaluation(examples, lossSum / examples, (double) correct / examples);
  }
}
