package gradus.train;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Reading;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.metric.Accuracy;
import gradus.metric.Metric;
import gradus.tensor.Batch;
import gradus.tensor.DType;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** Runs a model over a data set without changing it. */
public final class Evaluator {
  private final Model model;
  private final Loss loss;
  private final float[] weights; // of the classes, where they count differently, else null
  private TestTimeAugmentation augmentation;

  /** Judges {@code model} by {@code loss} and accuracy. */
  public Evaluator(Model model, Loss loss) {
    this.model = model;
    this.loss = loss;
    this.weights = loss.weightsOfClasses();
  }

  /** Judges the mean over several views of each image; by default there is one. */
  public Evaluator testTimeAugmentation(TestTimeAugmentation value) {
    augmentation = value;
    return this;
  }

  /**
   * Loss and accuracy over all examples of the loader. Where classes have weights, the loss is
   * divided by the sum of those of all examples, so that the size of the batches makes no
   * difference.
   *
   * @param metrics further ones, which are given the logits of every batch
   */
  public Evaluation evaluate(DataLoader loader, Metric... metrics) {
    Sums sums = new Sums();
    try (Epoch batches = loader.epoch(0)) {
      for (Batch batch : batches) {
        float[] viewed = augmentation == null ? null : augmentation.logits(model, batch);
        try (Pass pass = Pass.evaluating(model.backend())) {
          Tensor target = loss.target(pass, batch, model.outputShape().dim(0));
          Tensor labels = target.dtype() == DType.I32 ? target : pass.labels(batch);
          Tensor logits =
              viewed == null
                  ? model.forward(pass.images(batch))
                  : pass.tensor(
                      FloatBuffer.wrap(viewed),
                      Shape.of(batch.size(), viewed.length / batch.size()));
          sums.add(
              new Judged(
                  batch.size(),
                  loss.apply(logits, target).itemLater(),
                  Accuracy.correct(logits, labels).itemLater(),
                  mass(batch)));
          model.backend().memory().flush();
          if (metrics.length > 0) {
            float[] values = logits.toArray();
            for (Metric metric : metrics) {
              metric.add(values, logits.shape().dim(1), batch.labels());
            }
          }
        }
      }
    }
    return sums.evaluation();
  }

  /** What the loss of a batch was divided by. */
  private double mass(Batch batch) {
    if (weights == null) {
      return batch.size();
    }
    IntBuffer labels = batch.labels();
    double mass = 0;
    for (int i = 0; i < batch.size(); i++) {
      mass += weights[labels.get(i)];
    }
    return mass;
  }

  /** A batch, whose numbers may still be on their way. */
  private record Judged(int examples, Reading loss, Reading correct, double mass) {}

  /** Looks at a batch when the device has begun with the next one. */
  private static final class Sums {
    private Judged newest;
    private double loss;
    private double mass;
    private long correct;
    private long examples;

    private void add(Judged batch) {
      take();
      newest = batch;
    }

    private void take() {
      if (newest != null) {
        float mean = newest.loss.value();
        if (newest.mass > 0) { // else it is 0 / 0, of classes that do not count
          loss += mean * newest.mass;
          mass += newest.mass;
        }
        correct += (long) newest.correct.value();
        examples += newest.examples;
        newest = null;
      }
    }

    private Evaluation evaluation() {
      take();
      return examples == 0
          ? Evaluation.NONE
          : new Evaluation(examples, loss / mass, (double) correct / examples);
    }
  }
}
