package gradus.layer;

import gradus.GradusException;
import gradus.tensor.Shape;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * First values of a parameter: a pure function of shape and seed. For a weight {@code [out,in,R,S]}
 * or {@code [out,in]}, {@code fanIn = in R S} and {@code fanOut = out R S}.
 */
@FunctionalInterface
public interface Initializer {
  /** {@code shape.size()} values in row-major order. */
  float[] values(Shape shape, long seed);

  /** All {@code value}. */
  static Initializer constant(float value) {
    return (shape, seed) -> {
      float[] values = new float[Math.toIntExact(shape.size())];
      Arrays.fill(values, value);
      return values;
    };
  }

  /** All 0. */
  static Initializer zeros() {
    return constant(0);
  }

  /** All 1. */
  static Initializer ones() {
    return constant(1);
  }

  /** Normal with mean 0 and the given standard deviation. */
  static Initializer normal(double standardDeviation) {
    require(standardDeviation >= 0, "the standard deviation", standardDeviation);
    return (shape, seed) -> normals(shape, seed, standardDeviation);
  }

  /** Uniform in [-bound, bound). */
  static Initializer uniform(double bound) {
    require(bound >= 0, "the bound", bound);
    return (shape, seed) -> uniforms(shape, seed, bound);
  }

  /**
   * He et al. 2015 (arXiv:1502.01852), for ReLU: normal with variance {@code 2 / fanIn}; PyTorch's
   * kaiming_normal_.
   */
  static Initializer kaimingNormal() {
    return (shape, seed) -> normals(shape, seed, Math.sqrt(2.0 / fanIn(shape)));
  }

  /**
   * He et al. 2015 (arXiv:1502.01852), for ReLU: uniform with variance {@code 2 / fanIn}; PyTorch's
   * kaiming_uniform_.
   */
  static Initializer kaimingUniform() {
    return (shape, seed) -> uniforms(shape, seed, Math.sqrt(6.0 / fanIn(shape)));
  }

  /**
   * Glorot and Bengio 2010: normal with variance {@code 2 / (fanIn + fanOut)}; for tanh and
   * sigmoid.
   */
  static Initializer xavierNormal() {
    return (shape, seed) -> normals(shape, seed, Math.sqrt(2.0 / (fanIn(shape) + fanOut(shape))));
  }

  /**
   * Glorot and Bengio 2010: uniform with variance {@code 2 / (fanIn + fanOut)}; for tanh and
   * sigmoid.
   */
  static Initializer xavierUniform() {
    return (shape, seed) -> uniforms(shape, seed, Math.sqrt(6.0 / (fanIn(shape) + fanOut(shape))));
  }

  /** LeCun et al. 1998: normal with variance {@code 1 / fanIn}; for SELU and linear units. */
  static Initializer lecunNormal() {
    return (shape, seed) -> normals(shape, seed, Math.sqrt(1.0 / fanIn(shape)));
  }

  /** LeCun et al. 1998: uniform with variance {@code 1 / fanIn}. */
  static Initializer lecunUniform() {
    return (shape, seed) -> uniforms(shape, seed, Math.sqrt(3.0 / fanIn(shape)));
  }

  /** Uniform in {@code ±1 / sqrt(fanIn)}: what PyTorch's layers start from, and ours. */
  static Initializer standard() {
    return (shape, seed) -> uniforms(shape, seed, Math.sqrt(1.0 / fanIn(shape)));
  }

  /**
   * Filters that begin by passing on what they get: filter {@code i} has a 1 in the middle of its
   * channel {@code i}, and 0 elsewhere. PyTorch's dirac_, but filters beyond the input channels
   * start from {@code rest} instead of 0. Zagoruyko and Komodakis 2017 (arXiv:1706.00388).
   */
  static Initializer dirac(Initializer rest) {
    return (shape, seed) -> {
      if (shape.rank() != 4) {
        throw new GradusException(
            "Initializer.dirac is for filters [K, C, R, S], but the parameter is " + shape + ".");
      }
      int taps = shape.dim(2) * shape.dim(3);
      int filter = shape.dim(1) * taps;
      int middle = shape.dim(2) / 2 * shape.dim(3) + shape.dim(3) / 2;
      float[] values = rest.values(shape, seed);
      for (int i = 0; i < Math.min(shape.dim(0), shape.dim(1)); i++) {
        Arrays.fill(values, i * filter, (i + 1) * filter, 0);
        values[i * filter + i * taps + middle] = 1;
      }
      return values;
    };
  }

  private static float[] normals(Shape shape, long seed, double standardDeviation) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i += 2) { // Box and Muller's transform gives two at a time
      double radius = standardDeviation * Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
      double angle = 2 * Math.PI * random.nextDouble();
      values[i] = (float) (radius * Math.cos(angle));
      if (i + 1 < values.length) {
        values[i + 1] = (float) (radius * Math.sin(angle));
      }
    }
    return values;
  }

  private static float[] uniforms(Shape shape, long seed, double bound) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
    }
    return values;
  }

  private static long fanIn(Shape shape) {
    return shape.rank() < 2 ? shape.size() : shape.size() / shape.dim(0);
  }

  private static long fanOut(Shape shape) {
    return shape.rank() < 2 ? shape.size() : shape.size() / shape.dim(1);
  }

  private static void require(boolean holds, String what, double number) {
    if (!holds) {
      throw new GradusException(
          "Initializer: " + what + " is " + number + ", but must not be negative.");
    }
  }
}
