package gradus.backend.reference;

import gradus.backend.spec.GroupNormSpec;

/** Group normalisation, group by group; a group of an image is one run of elements. */
final class ReferenceGroupNorm {
  private ReferenceGroupNorm() {}

  static void forward(
      GroupNormSpec spec,
      ReferenceBuffer x,
      ReferenceBuffer gamma,
      ReferenceBuffer beta,
      ReferenceBuffer y,
      ReferenceBuffer savedMean,
      ReferenceBuffer savedInvStd) {
    int count = spec.elements();
    for (int run = 0; run < spec.n() * spec.groups(); run++) {
      int first = run * count;
      double mean = 0;
      for (int i = first; i < first + count; i++) {
        mean += x.get(i) / count;
      }
      double variance = 0;
      for (int i = first; i < first + count; i++) {
        variance += (x.get(i) - mean) * (x.get(i) - mean) / count;
      }
      double invStd = 1 / Math.sqrt(variance + spec.epsilon());
      for (int i = first; i < first + count; i++) {
        int c = channel(spec, i);
        y.set(i, gamma.get(c) * (x.get(i) - mean) * invStd + beta.get(c));
      }
      savedMean.set(run, mean);
      savedInvStd.set(run, invStd);
    }
  }

  /** dx = invStd (g - mean(g) - xhat mean(g xhat)), xhat the normalised x and g = gamma dy. */
  static void backward(
      GroupNormSpec spec,
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
    int count = spec.elements();
    double[] alongX = new double[spec.c()];
    double[] total = new double[spec.c()];
    for (int run = 0; run < spec.n() * spec.groups(); run++) {
      int first = run * count;
      double mean = savedMean.get(run);
      double invStd = savedInvStd.get(run);
      double shift = 0;
      double tilt = 0;
      for (int i = first; i < first + count; i++) {
        int c = channel(spec, i);
        double normalized = (x.get(i) - mean) * invStd;
        total[c] += dy.get(i);
        alongX[c] += dy.get(i) * normalized;
        shift += gamma.get(c) * dy.get(i) / count;
        tilt += gamma.get(c) * dy.get(i) * normalized / count;
      }
      for (int i = first; dx != null && i < first + count; i++) {
        double normalized = (x.get(i) - mean) * invStd;
        double gradient = gamma.get(channel(spec, i)) * dy.get(i);
        dx.put(i, dxBeta, invStd * (gradient - shift - normalized * tilt));
      }
    }
    for (int c = 0; dgamma != null && c < spec.c(); c++) {
      dgamma.put(c, weightsBeta, alongX[c]);
      dbeta.put(c, weightsBeta, total[c]);
    }
  }

  private static int channel(GroupNormSpec spec, int element) {
    return element / (spec.h() * spec.w()) % spec.c();
  }
}
