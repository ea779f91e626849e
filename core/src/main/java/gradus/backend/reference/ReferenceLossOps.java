package gradus.backend.reference;

import gradus.backend.Buffer;
import gradus.backend.LossOps;
import gradus.backend.spec.CrossEntropySpec;
import gradus.tensor.Shape;

/** Losses, row by row. */
final class ReferenceLossOps implements LossOps {

  @Override
  public void crossEntropy(
      CrossEntropySpec spec,
      Buffer logits,
      Buffer labels,
      Buffer classWeights,
      Buffer loss,
      Buffer gradient) {
    ReferenceBuffer classes = ReferenceBuffer.of(labels);
    double weightOfLabels = 0;
    for (int row = 0; row < spec.n(); row++) {
      weightOfLabels += weight(classWeights, (int) classes.get(row));
    }
    double total = 0;
    for (int row = 0; row < spec.n(); row++) {
      int label = (int) classes.get(row);
      double[] logProbability = logSoftmax(spec, logits, row);
      if (spec.focusing() > 0) {
        total += focal(spec, row, logProbability, label, classWeights, weightOfLabels, gradient);
      } else {
        double[] target = new double[spec.classes()];
        target[label] = 1;
        total += entropy(spec, row, logProbability, target, classWeights, weightOfLabels, gradient);
      }
    }
    ReferenceBuffer.of(loss).set(0, total / weightOfLabels);
  }

  @Override
  public void softCrossEntropy(
      CrossEntropySpec spec,
      Buffer logits,
      Buffer targets,
      Buffer classWeights,
      Buffer loss,
      Buffer gradient) {
    ReferenceBuffer distributions = ReferenceBuffer.of(targets);
    double total = 0;
    for (int row = 0; row < spec.n(); row++) {
      double[] target = new double[spec.classes()];
      for (int c = 0; c < target.length; c++) {
        target[c] = distributions.get(row * spec.classes() + c);
      }
      double[] logProbability = logSoftmax(spec, logits, row);
      total += entropy(spec, row, logProbability, target, classWeights, spec.n(), gradient);
    }
    ReferenceBuffer.of(loss).set(0, total / spec.n());
  }

  /** One row's -sum of weight target log p, undivided; its gradient is divided. */
  private static double entropy(
      CrossEntropySpec spec,
      int row,
      double[] logProbability,
      double[] target,
      Buffer classWeights,
      double divisor,
      Buffer gradient) {
    double loss = 0;
    double mass = 0;
    double[] weighted = new double[target.length];
    for (int c = 0; c < target.length; c++) {
      double smoothed =
          (1 - (double) spec.labelSmoothing()) * target[c]
              + (double) spec.labelSmoothing() / spec.classes();
      weighted[c] = weight(classWeights, c) * smoothed;
      mass += weighted[c];
      boolean ruledOut = weighted[c] == 0 && logProbability[c] == Double.NEGATIVE_INFINITY;
      loss -= ruledOut ? 0 : weighted[c] * logProbability[c]; // 0 log 0 is 0
    }
    if (gradient != null) {
      for (int c = 0; c < target.length; c++) {
        double slope = Math.exp(logProbability[c]) * mass - weighted[c];
        ReferenceBuffer.of(gradient).set(row * target.length + c, slope / divisor);
      }
    }
    return loss;
  }

  /** One row's -weight (1-p)^focusing log p, undivided; its gradient is divided. */
  private static double focal(
      CrossEntropySpec spec,
      int row,
      double[] logProbability,
      int label,
      Buffer classWeights,
      double divisor,
      Buffer gradient) {
    double focusing = spec.focusing();
    double logP = logProbability[label];
    double p = Math.exp(logP);
    double missing = -Math.expm1(logP); // 1 - p without cancellation
    double attention = Math.pow(missing, focusing);
    double weight = weight(classWeights, label);
    if (gradient != null) {
      double slopeOfAttention =
          missing == 0 ? 0 : focusing * Math.pow(missing, focusing - 1) * p * logP;
      double slope = weight * (slopeOfAttention - attention) / divisor;
      for (int c = 0; c < logProbability.length; c++) {
        double towards = (c == label ? 1 : 0) - Math.exp(logProbability[c]);
        ReferenceBuffer.of(gradient).set(row * logProbability.length + c, slope * towards);
      }
    }
    return -weight * attention * logP;
  }

  private static double weight(Buffer classWeights, int c) {
    return classWeights == null ? 1 : ReferenceBuffer.of(classWeights).get(c);
  }

  private static double[] logSoftmax(CrossEntropySpec spec, Buffer logits, int row) {
    ReferenceBuffer in = ReferenceBuffer.of(logits);
    double[] values = new double[spec.classes()];
    for (int c = 0; c < values.length; c++) {
      values[c] = in.get(row * values.length + c);
    }
    LogSoftmax.inPlace(values);
    return values;
  }

  @Override
  public void meanSquaredError(Shape shape, Buffer x, Buffer target, Buffer loss, Buffer gradient) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer wanted = ReferenceBuffer.of(target);
    int count = (int) shape.size();
    double sum = 0;
    for (int i = 0; i < count; i++) {
      double error = in.get(i) - wanted.get(i);
      sum += error * error;
      if (gradient != null) {
        ReferenceBuffer.of(gradient).set(i, 2 * error / count);
      }
    }
    ReferenceBuffer.of(loss).set(0, sum / count);
  }

  @Override
  public void binaryCrossEntropyWithLogits(
      Shape shape, Buffer x, Buffer target, Buffer loss, Buffer gradient) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer wanted = ReferenceBuffer.of(target);
    int count = (int) shape.size();
    double sum = 0;
    for (int i = 0; i < count; i++) {
      double logit = in.get(i);
      // -t log(sigmoid(x)) - (1-t) log(1-sigmoid(x)), without overflow
      sum += Math.max(logit, 0) - logit * wanted.get(i) + Math.log1p(Math.exp(-Math.abs(logit)));
      if (gradient != null) {
        double slope = ActivationMath.sigmoid(logit) - wanted.get(i);
        ReferenceBuffer.of(gradient).set(i, slope / count);
      }
    }
    ReferenceBuffer.of(loss).set(0, sum / count);
  }

  @Override
  public void countCorrect(int n, int classes, Buffer logits, Buffer labels, Buffer correct) {
    ReferenceBuffer in = ReferenceBuffer.of(logits);
    ReferenceBuffer wanted = ReferenceBuffer.of(labels);
    int count = 0;
    for (int row = 0; row < n; row++) {
      count += isFirstMaximum(in, row * classes, classes, (int) wanted.get(row)) ? 1 : 0;
    }
    ReferenceBuffer.of(correct).set(0, count);
  }

  /** False also where a NaN stands in the row: such a row has no maximum. */
  private static boolean isFirstMaximum(ReferenceBuffer x, int first, int classes, int label) {
    double value = x.get(first + label);
    boolean holds = !Double.isNaN(value);
    for (int c = 0; c < classes; c++) {
      if (c != label) {
        double other = x.get(first + c);
        holds &= c < label ? other < value : other <= value;
      }
    }
    return holds;
  }
}
