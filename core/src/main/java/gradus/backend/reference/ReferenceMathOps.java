package gradus.backend.reference;

import gradus.backend.Buffer;
import gradus.backend.MathOps;
import gradus.backend.spec.Activation;
import gradus.tensor.Placement;
import gradus.tensor.Shape;

/** Elementwise arithmetic and reductions, one loop each. */
final class ReferenceMathOps implements MathOps {

  @Override
  public void fill(Buffer y, float value) {
    ReferenceBuffer.of(y).fill(value);
  }

  @Override
  public void copy(Buffer x, Buffer y) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer out = ReferenceBuffer.of(y);
    for (int i = 0; i < out.length(); i++) {
      out.set(i, in.get(i));
    }
    out.round();
  }

  @Override
  public void add(Buffer a, Buffer b, Buffer y) {
    ReferenceBuffer left = ReferenceBuffer.of(a);
    ReferenceBuffer right = ReferenceBuffer.of(b);
    ReferenceBuffer out = ReferenceBuffer.of(y);
    for (int i = 0; i < out.length(); i++) {
      out.set(i, left.get(i) + right.get(i));
    }
  }

  @Override
  public void multiply(Buffer a, Buffer b, Buffer y) {
    ReferenceBuffer left = ReferenceBuffer.of(a);
    ReferenceBuffer right = ReferenceBuffer.of(b);
    ReferenceBuffer out = ReferenceBuffer.of(y);
    for (int i = 0; i < out.length(); i++) {
      out.set(i, left.get(i) * right.get(i));
    }
  }

  @Override
  public void addScaled(float alpha, Buffer x, Buffer y) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer out = ReferenceBuffer.of(y);
    for (int i = 0; i < out.length(); i++) {
      out.add(i, alpha * in.get(i));
    }
    out.round();
  }

  @Override
  public void scale(float alpha, Buffer y) {
    scaleAll(alpha, ReferenceBuffer.of(y));
  }

  @Override
  public void scaleBy(Buffer scalar, Buffer y) {
    scaleAll(ReferenceBuffer.of(scalar).get(0), ReferenceBuffer.of(y));
  }

  private static void scaleAll(double factor, ReferenceBuffer out) {
    for (int i = 0; i < out.length(); i++) {
      out.set(i, factor * out.get(i));
    }
  }

  @Override
  public void activation(Activation f, Buffer x, Buffer y) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer out = ReferenceBuffer.of(y);
    for (int i = 0; i < out.length(); i++) {
      out.set(i, ActivationMath.value(f, in.get(i)));
    }
    out.round();
  }

  @Override
  public void activationBackward(
      Activation f, Buffer x, Buffer y, Buffer dy, Buffer dx, float beta) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer out = ReferenceBuffer.of(y);
    ReferenceBuffer outGradient = ReferenceBuffer.of(dy);
    ReferenceBuffer inGradient = ReferenceBuffer.of(dx);
    for (int i = 0; i < inGradient.length(); i++) {
      double slope = ActivationMath.slope(f, in.get(i), out.get(i));
      inGradient.put(i, beta, outGradient.get(i) * slope);
    }
    inGradient.round();
  }

  /** Here every batch lies alike; this says what it is where that is not so. */
  @Override
  public void reshape(Buffer x, Shape from, Buffer y, Shape to, float beta) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer out = ReferenceBuffer.of(y);
    for (int i = 0; i < out.length(); i++) {
      out.put(i, beta, in.get(i));
    }
    out.round();
  }

  @Override
  public void round(Buffer x, Buffer y, Buffer packed) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    for (int i = 0; i < in.length(); i++) {
      double rounded = Rounding.nearest((float) in.get(i), packed.dtype());
      if (y != null) {
        ReferenceBuffer.of(y).set(i, rounded);
      }
      ReferenceBuffer.of(packed).set(i, rounded);
    }
  }

  @Override
  public void expand(Buffer packed, Buffer y) {
    copy(packed, y);
  }

  @Override
  public void sumOfSquares(Buffer x, long first, long count, Buffer out) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    double sum = 0;
    for (int i = (int) first; i < first + count; i++) {
      sum += in.get(i) * in.get(i);
    }
    ReferenceBuffer.of(out).set(0, sum);
  }

  @Override
  public void statistics(Buffer x, Shape shape, Placement placement, Buffer out) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    double sum = 0;
    double squares = 0;
    double minimum = Double.POSITIVE_INFINITY;
    double maximum = Double.NEGATIVE_INFINITY;
    int notFinite = 0;
    int zeros = 0;
    for (int i = 0; i < shape.size(); i++) {
      double value = in.get(i);
      if (!Double.isFinite(value)) {
        notFinite++;
        continue;
      }
      sum += value;
      squares += value * value;
      minimum = Math.min(minimum, value);
      maximum = Math.max(maximum, value);
      zeros += value == 0 ? 1 : 0;
    }
    ReferenceBuffer result = ReferenceBuffer.of(out);
    result.set(0, sum);
    result.set(1, squares);
    result.set(2, minimum);
    result.set(3, maximum);
    result.set(4, notFinite);
    result.set(5, zeros);
  }
}
