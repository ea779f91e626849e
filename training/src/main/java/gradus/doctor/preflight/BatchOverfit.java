package gradus.doctor.preflight;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.doctor.Subject;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.FocalLoss;
import gradus.loss.Loss;
import gradus.metric.Accuracy;
import gradus.optim.Adam;
import gradus.optim.GradScaler;
import gradus.optim.Optimizer;
import gradus.tensor.Batch;
import gradus.tensor.Precision;
import gradus.train.TrainingSnapshot;

/**
 * Whether a network can learn one small batch by heart: 32 images without augmentation, at most 100
 * steps of Adam with a rate of 0.001. One that cannot has a defect that no data will cure.
 *
 * @param first the loss of the first step
 * @param last the loss of the last step
 * @param right how many images it was right about in the last step
 * @param images of the batch
 * @param steps done; it ends early when all is learned
 */
public record BatchOverfit(double first, double last, int right, int images, int steps) {
  private static final int IMAGES = 32;
  private static final int STEPS = 100;
  private static final double LEARNED = 0.05;

  /** Tries it in float32, and makes model and optimizer what they were. */
  public static BatchOverfit of(Subject subject) {
    return of(subject, Precision.FP32);
  }

  /** Tries it in the precision of the run, and makes model and optimizer what they were. */
  public static BatchOverfit of(Subject subject, Precision precision) {
    try (TrainingSnapshot before = new TrainingSnapshot(subject.model(), subject.optimizer());
        Optimizer adam = Adam.of(subject.model().parameters()).build();
        DataLoader loader = Glimpse.of(subject.train(), IMAGES, IMAGES);
        Epoch epoch = loader.epoch(0)) {
      try {
        return learn(subject, precision, adam, epoch.iterator().next());
      } finally {
        before.restore();
      }
    }
  }

  private static BatchOverfit learn(
      Subject subject, Precision precision, Optimizer adam, Batch batch) {
    // Smoothed labels and weights keep the loss away from 0; the question is another one.
    boolean classifies =
        subject.loss() instanceof CrossEntropyLoss || subject.loss() instanceof FocalLoss;
    Loss loss = classifies ? new CrossEntropyLoss() : subject.loss();
    GradScaler scaler =
        precision == Precision.FP16 ? new GradScaler(subject.model().parameters()) : null;
    double first = Double.NaN;
    double now = Double.NaN;
    int right = 0;
    int steps = 0;
    while (steps < STEPS && !(now < LEARNED * first)) {
      try (Pass pass =
          Pass.training(subject.model().backend(), subject.seed() + steps)
              .withPrecision(precision)) {
        Tensor logits = subject.model().forward(pass.images(batch));
        Tensor value = loss.apply(logits, loss.target(pass, batch, logits.shape().dim(1)));
        Tensor correct = Accuracy.correct(logits, pass.labels(batch));
        now = value.item();
        right = (int) correct.item();
        if (!Double.isFinite(now)) {
          break;
        }
        pass.backward(value, scaler == null ? 1 : scaler.scale());
        if (scaler == null) {
          adam.step();
        } else {
          scaler.step(adam);
        }
      }
      first = steps++ == 0 ? now : first;
    }
    return new BatchOverfit(first, now, right, batch.size(), steps);
  }

  /** Whether the loss has fallen to nearly nothing, or every image is known. */
  public boolean learned() {
    return last < LEARNED * first || (right == images && last < first / 2);
  }
}
