package gradus.doctor;

import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Samples, every so many steps, how large gradients and updates are, layer by layer: the RMS of the
 * gradient, and {@code |change| / |weights|}, of weights alone, for biases begin at 0. Allocates
 * nothing after the first sample; when its memory is full, every second sample goes and it samples
 * half as often.
 */
public final class Vitals implements AutoCloseable {
  private static final int CAPACITY = 512;
  private static final int FIRST_INTERVAL = 10;
  private static final int FIRST_STEPS = 5; // all of them: a rate that is too high acts at once

  private final Backend backend;
  private final Model model;
  private final List<Parameter> weights;
  private final long[] stepOf = new long[CAPACITY];
  private final float[][] gradientRms;
  private final float[][] updateRatio;
  private final float[][] weightRms;
  private final Buffer before;
  private final Buffer results; // of each weight: gradient, change, value, all as sums of squares
  private final Buffer[] resultOf;
  private final Shape resultShape;
  private final FloatBuffer host;
  private int samples;
  private int interval = FIRST_INTERVAL;
  private long step;
  private boolean sampling;

  /** Of the weights of a model. Close it before the model. */
  public Vitals(Model model) {
    this.model = model;
    this.backend = model.backend();
    this.weights =
        model.parameters().list().stream()
            .filter(p -> p.kind() == Parameter.Kind.WEIGHT && p.isTrainable())
            .toList();
    gradientRms = new float[CAPACITY][weights.size()];
    updateRatio = new float[CAPACITY][weights.size()];
    weightRms = new float[CAPACITY][weights.size()];
    before = backend.memory().allocate(DType.F32, model.parameters().values().bytes());
    int numbers = Math.max(1, 3 * weights.size());
    resultShape = Shape.of(numbers);
    host = FloatBuffer.allocate(numbers);
    results =
        backend
            .memory()
            .allocate(DType.F32, backend.memory().bytes(resultShape, DType.F32, Placement.DENSE));
    backend.memory().zero(results);
    resultOf = new Buffer[numbers];
    for (int i = 0; i < numbers; i++) {
      resultOf[i] = backend.memory().slice(results, i, 1);
    }
  }

  /** The gradients of an update are there. */
  public void gradientsReady() {
    sampling = (step < FIRST_STEPS || step % interval == 0) && anyGradient();
    if (!sampling) {
      return;
    }
    backend.math().copy(model.parameters().values(), before);
    for (int i = 0; i < weights.size(); i++) {
      Parameter weight = weights.get(i);
      if (weight.hasGradient()) {
        backend
            .math()
            .sumOfSquares(
                model.parameters().gradients(),
                weight.offset(),
                weight.shape().size(),
                resultOf[3 * i]);
      }
    }
  }

  private boolean anyGradient() {
    for (int i = 0; i < weights.size(); i++) {
      if (weights.get(i).hasGradient()) {
        return true;
      }
    }
    return false;
  }

  /** A step is done. */
  public void stepDone() {
    step++;
    if (!sampling) {
      return;
    }
    sampling = false;
    backend.math().addScaled(-1, model.parameters().values(), before);
    for (int i = 0; i < weights.size(); i++) {
      Parameter weight = weights.get(i);
      long size = weight.shape().size();
      backend.math().sumOfSquares(before, weight.offset(), size, resultOf[3 * i + 1]);
      backend
          .math()
          .sumOfSquares(model.parameters().values(), weight.offset(), size, resultOf[3 * i + 2]);
    }
    backend.memory().copyOut(results, resultShape, Placement.DENSE, host.clear());
    if (samples == CAPACITY) {
      halve();
    }
    stepOf[samples] = step;
    for (int i = 0; i < weights.size(); i++) {
      double value = host.get(3 * i + 2);
      double change = host.get(3 * i + 1);
      long size = weights.get(i).shape().size();
      gradientRms[samples][i] = (float) Math.sqrt(host.get(3 * i) / size);
      weightRms[samples][i] = (float) Math.sqrt(value / size);
      updateRatio[samples][i] =
          change == 0 ? 0 : (float) Math.sqrt(change / Math.max(value, Float.MIN_NORMAL));
    }
    samples++;
  }

  private void halve() {
    for (int i = 0; i < CAPACITY / 2; i++) {
      stepOf[i] = stepOf[2 * i];
      float[] spare = gradientRms[i];
      gradientRms[i] = gradientRms[2 * i];
      gradientRms[2 * i] = spare;
      spare = updateRatio[i];
      updateRatio[i] = updateRatio[2 * i];
      updateRatio[2 * i] = spare;
      spare = weightRms[i];
      weightRms[i] = weightRms[2 * i];
      weightRms[2 * i] = spare;
    }
    samples = CAPACITY / 2;
    interval *= 2;
  }

  /** The names of the weights, in the order of the layers' numbers below. */
  public List<String> layers() {
    return weights.stream().map(Parameter::name).toList();
  }

  /** Steps so far. */
  long steps() {
    return step;
  }

  /** Samples so far. */
  public int samples() {
    return samples;
  }

  /** The step a sample was taken in, from 1. */
  public long stepOf(int sample) {
    return stepOf[sample];
  }

  /** The RMS of a layer's gradient. */
  public double gradientRms(int sample, int layer) {
    return gradientRms[sample][layer];
  }

  /** {@code |change| / |weights|} of a layer. */
  public double updateRatio(int sample, int layer) {
    return updateRatio[sample][layer];
  }

  /** The RMS of a layer's weights. */
  public double weightRms(int sample, int layer) {
    return weightRms[sample][layer];
  }

  /** One line for each layer: the RMS of its gradient over the steps. */
  public List<Evidence.Line> gradientLines() {
    return lines(gradientRms);
  }

  /** One line for each layer: its update ratio over the steps. */
  public List<Evidence.Line> updateLines() {
    return lines(updateRatio);
  }

  private List<Evidence.Line> lines(float[][] values) {
    List<Evidence.Line> lines = new ArrayList<>();
    for (int layer = 0; layer < weights.size(); layer++) {
      List<Double> x = new ArrayList<>();
      List<Double> y = new ArrayList<>();
      for (int i = 0; i < samples; i++) {
        if (Float.isFinite(values[i][layer])) {
          x.add((double) stepOf[i]);
          y.add((double) values[i][layer]);
        }
      }
      lines.add(new Evidence.Line(weights.get(layer).name(), x, y));
    }
    return lines;
  }

  @Override
  public void close() {
    backend.memory().free(before);
    backend.memory().free(results);
  }
}
