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
import gradus.metric.ValidationMetric;
import gradus.tensor.Batch;
import gradus.tensor.DType;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;

/** Runs a model over a data set without changing it. */
public final class Evaluator {
  private final Model model;
  private final Loss loss;
  private final float[] weights; // of the classes, where they count differently, else null
  private TestTimeAugmentation augmentation;
  private List<ValidationMetric<?>> measured = List.of();

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

  /** Further numbers of every {@link Evaluation}; by default none. */
  public Evaluator metrics(List<ValidationMetric<?>> values) {
    measured = List.copyOf(values);
    return this;
  }

  /**
   * Loss and accuracy over all examples of the loader. Where classes have weights, the loss is
   * divided by the sum of those of all examples, so that the size of the batches makes no
   * difference.
   *
   * @param others what else is to be given the logits of every batch
   * @throws gradus.GradusException if one of the {@link #metrics} is none for so few classes
   */
  public Evaluation evaluate(DataLoader loader, Metric... others) {
    MetricCounts counts = new MetricCounts(measured, model.outputShape().dim(0));
    Metric[] metrics = others;
    if (!measured.isEmpty()) {
      metrics = Arrays.copyOf(others, others.length + 1, Metric[].class);
      metrics[others.length] = counts;
    }
    Sums sums = new Sums(metrics);
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
                  mass(batch),
                  sums.read(logits, batch.labels())));
          model.backend().memory().flush();
        }
      }
    }
    return sums.evaluation(counts);
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
  private record Judged(
      int examples, Reading loss, Reading correct, double mass, HostLogits logits) {}

  /** Looks at a batch when the device has begun with the next one. */
  private static final class Sums {
    private final Metric[] metrics;
    private Judged newest;
    private HostLogits free = new HostLogits(); // one is on its way while the other is looked at
    private HostLogits used = new HostLogits();
    private double loss;
    private double mass;
    private long correct;
    private long examples;

    private Sums(Metric[] metrics) {
      this.metrics = metrics;
    }

    /** Begins to read logits, if there is a metric for them. */
    private HostLogits read(Tensor logits, IntBuffer labels) {
      if (metrics.length == 0) {
        return null;
      }
      HostLogits next = free;
      free = used;
      used = next;
      next.read(logits, labels);
      return next;
    }

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
        if (newest.logits != null) {
          newest.logits.tell(metrics);
        }
        newest = null;
      }
    }

    private Evaluation evaluation(MetricCounts counts) {
      take();
      return examples == 0
          ? Evaluation.NONE
          : new Evaluation(examples, loss / mass, (double) correct / examples, counts.values());
    }
  }
}
