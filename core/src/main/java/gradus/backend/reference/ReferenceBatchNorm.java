package gradus.backend.reference;

import gradus.backend.spec.BatchNormSpec;
import java.util.function.IntConsumer;

/** Batch normalisation, channel by channel. */
final class ReferenceBatchNorm {
  private ReferenceBatchNorm() {}

  static void training(
      BatchNormSpec spec,
      ReferenceBuffer x,
      ReferenceBuffer gamma,
      ReferenceBuffer beta,
      ReferenceBuffer runningMean,
      ReferenceBuffer runningVar,
      ReferenceBuffer y,
      ReferenceBuffer savedMean,
      ReferenceBuffer savedInvStd) {
    int count = spec.n() * spec.h() * spec.w();
    double unbiased = count > 1 ? (double) count / (count - 1) : 1;
    double momentum = spec.momentum();
    for (int c = 0; c < spec.c(); c++) {
      double mean = mean(spec, x, c);
      double variance = variance(spec, x, c, mean);
      double invStd = 1 / Math.sqrt(variance + spec.epsilon());
      normalize(spec, c, x, y, mean, invStd, gamma.get(c), beta.get(c));
      savedMean.set(c, mean);
      savedInvStd.set(c, invStd);
      runningMean.set(c, (1 - momentum) * runningMean.get(c) + momentum * mean);
      runningVar.set(c, (1 - momentum) * runningVar.get(c) + momentum * variance * unbiased);
    }
  }

  static void inference(
      BatchNormSpec spec,
      ReferenceBuffer x,
      ReferenceBuffer gamma,
      ReferenceBuffer beta,
      ReferenceBuffer runningMean,
      ReferenceBuffer runningVar,
      ReferenceBuffer y) {
    for (int c = 0; c < spec.c(); c++) {
      double invStd = 1 / Math.sqrt(runningVar.get(c) + spec.epsilon());
      normalize(spec, c, x, y, runningMean.get(c), invStd, gamma.get(c), beta.get(c));
    }
  }

  /** dx = gamma invStd (dy - mean(dy) - xhat mean(dy xhat)), xhat the normalised x. */
  static void backward(
      BatchNormSpec spec,
      ReferenceBuffer x,
      ReferenceBuffer gamma,
      ReferenceBuffer savedMean,
      ReferenceBuffer savedInvStd,
      ReferenceBuffer dy,
      ReferenceBuffer dx,
      float dxBeta,
      ReferenceBuffer dgamma,
      ReferenceBuffer dbeta,
      float weightsBeta) {
    int count = spec.n() * spec.h() * spec.w();
    for (int c = 0; c < spec.c(); c++) {
      double mean = savedMean.get(c);
      double invStd = savedInvStd.get(c);
      double[] sums = new double[2];
      forEachOf(
          spec,
          c,
          i -> {
            sums[0] += dy.get(i);
            sums[1] += dy.get(i) * (x.get(i) - mean) * invStd;
          });
      dbeta.put(c, weightsBeta, sums[0]);
      dgamma.put(c, weightsBeta, sums[1]);
      if (dx != null) {
        double scale = gamma.get(c) * invStd;
        forEachOf(
            spec,
            c,
            i -> {
              double normalized = (x.get(i) - mean) * invStd;
              double centred = dy.get(i) - sums[0] / count - normalized * sums[1] / count;
              dx.put(i, dxBeta, scale * centred);
            });
      }
    }
  }

  /** dx = dxBeta dx + gamma dy / sqrt(runningVar + epsilon). */
  static void inferenceBackward(
      BatchNormSpec spec,
      ReferenceBuffer gamma,
      ReferenceBuffer runningVar,
      ReferenceBuffer dy,
      ReferenceBuffer dx,
      float dxBeta) {
    for (int c = 0; c < spec.c(); c++) {
      double scale = gamma.get(c) / Math.sqrt(runningVar.get(c) + spec.epsilon());
      forEachOf(spec, c, i -> dx.put(i, dxBeta, scale * dy.get(i)));
    }
  }

  private static void normalize(
      BatchNormSpec spec,
      int c,
      ReferenceBuffer x,
      ReferenceBuffer y,
      double mean,
      double invStd,
      double gamma,
      double beta) {
    forEachOf(spec, c, i -> y.set(i, gamma * (x.get(i) - mean) * invStd + beta));
  }

  private static double mean(BatchNormSpec spec, ReferenceBuffer x, int c) {
    double[] sum = new double[1];
    forEachOf(spec, c, i -> sum[0] += x.get(i));
    return sum[0] / (spec.n() * spec.h() * spec.w());
  }

  private static double variance(BatchNormSpec spec, ReferenceBuffer x, int c, double mean) {
    double[] sum = new double[1];
    forEachOf(spec, c, i -> sum[0] += (x.get(i) - mean) * (x.get(i) - mean));
    return sum[0] / (spec.n() * spec.h() * spec.w());
  }

  /** Visits the elements of one channel in every image. */
  private static void forEachOf(BatchNormSpec spec, int c, IntConsumer visitor) {
    int pixels = spec.h() * spec.w();
    for (int image = 0; image < spec.n(); image++) {
      int first = (image * spec.c() + c) * pixels;
      for (int i = first; i < first + pixels; i++) {
        visitor.accept(i);
      }
    }
  }
}
