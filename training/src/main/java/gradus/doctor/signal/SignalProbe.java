package gradus.doctor.signal;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.spec.Activation;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Shows images to a network and measures what each layer makes of them. Batch norm uses the
 * statistics of each batch, or frozen its own, as in training, dropout does nothing, and nothing of
 * the model changes. A layer that does not say what it computes ({@link gradus.layer.Layer#export})
 * is measured as a whole, and does as in evaluation.
 *
 * <pre>{@code
 * SignalProbe probe = new SignalProbe(model);
 * for (Batch batch : loader.epoch(0)) {
 *   probe.add(batch);
 * }
 * List<LayerSignal> signals = probe.signals();
 * }</pre>
 */
public final class SignalProbe {
  /** Beyond it the slope of the sigmoid, y (1 - y), is below 5 % of the steepest. */
  private static final double SIGMOID_FLAT = 0.5 * (1 + Math.sqrt(1 - 0.05));

  /** Beyond it the slope of tanh, 1 - y^2, is below 5 % of the steepest. */
  private static final double TANH_FLAT = Math.sqrt(1 - 0.05);

  private static final double SATURATED = 0.9;

  private final Model model;
  private final Structure structure;
  private final Meter[] meters;
  private boolean alwaysByBatch;
  private float[] host = new float[0];
  private long images;

  /** Nothing is computed yet. */
  public SignalProbe(Model model) {
    this.model = model;
    this.structure = Structure.of(model);
    this.meters = new Meter[structure.operations().size()];
  }

  /**
   * Makes frozen batch norms use the statistics of each batch, too: for images that theirs are not
   * of.
   */
  public SignalProbe withStatisticsOfTheBatch() {
    alwaysByBatch = true;
    return this;
  }

  /** What each layer makes of some batches. */
  public static List<LayerSignal> observe(Model model, Batch... batches) {
    SignalProbe probe = new SignalProbe(model);
    for (Batch batch : batches) {
      probe.add(batch);
    }
    return probe.signals();
  }

  /** Shows a batch to the network. */
  public void add(Batch batch) {
    try (Pass pass = Pass.evaluating(model.backend())) {
      show(pass, batch);
    }
  }

  /** Shows a batch to the network and returns the loss. */
  public double add(Batch batch, Loss loss) {
    try (Pass pass = Pass.evaluating(model.backend())) {
      return loss.apply(show(pass, batch), loss.target(pass, batch, model.outputShape().dim(0)))
          .item();
    }
  }

  private Tensor show(Pass pass, Batch batch) {
    images += batch.size();
    return model.export(new SignalGraph(pass, alwaysByBatch, this::measure), pass.images(batch));
  }

  /** How many images it has seen. */
  public long images() {
    return images;
  }

  /** How the network is wired. */
  public Structure structure() {
    return structure;
  }

  /**
   * What came out of one operation, by its place in {@link Structure#operations}; null before the
   * first batch.
   */
  public LayerSignal signal(int operation) {
    Meter meter = meters[operation];
    return meter == null ? null : meter.signal(structure.operations().get(operation));
  }

  /** What came out of each layer, in the order of the layers; of flattening there is nothing. */
  public List<LayerSignal> signals() {
    List<LayerSignal> all = new ArrayList<>();
    for (int i = 0; i < meters.length; i++) {
      if (meters[i] != null && structure.operations().get(i).kind() != Operation.Kind.FLATTEN) {
        all.add(signal(i));
      }
    }
    return all;
  }

  private void measure(Tensor y, int operation) {
    Shape shape = y.shape();
    int size = Math.toIntExact(shape.size());
    if (host.length < size) {
      host = new float[size];
    }
    y.pass()
        .backend()
        .memory()
        .copyOut(y.buffer(), shape, y.placement(), FloatBuffer.wrap(host, 0, size));
    if (meters[operation] == null) {
      Activation function = structure.operations().get(operation).function();
      boolean passesOn = function != null && !structure.isInGate(operation);
      meters[operation] = new Meter(shape.dim(1), passesOn ? function.kind() : null);
    }
    meters[operation].add(host, shape.dim(0), (int) (shape.size() / shape.dim(0) / shape.dim(1)));
  }

  /** What is summed up of one operation. */
  private static final class Meter {
    private final Activation.Kind function;
    private final boolean[] alive;
    private final long[] flat;
    private long valuesOfUnit;
    private double sum;
    private double squares;

    Meter(int units, Activation.Kind function) {
      this.function = function;
      this.alive = new boolean[units];
      this.flat = new long[units];
    }

    void add(float[] values, int n, int pixels) {
      valuesOfUnit += (long) n * pixels;
      int at = 0;
      for (int i = 0; i < n; i++) {
        for (int unit = 0; unit < alive.length; unit++, at += pixels) {
          addPlane(values, at, at + pixels, unit);
        }
      }
    }

    private void addPlane(float[] values, int begin, int end, int unit) {
      double planeSum = 0;
      double planeSquares = 0;
      for (int i = begin; i < end; i++) {
        double v = values[i];
        planeSum += v;
        planeSquares += v * v;
      }
      sum += planeSum;
      squares += planeSquares;
      if (function == null) {
        return;
      }
      switch (function) {
        case RELU, RELU6 -> {
          for (int i = begin; i < end; i++) {
            alive[unit] |= !(values[i] <= 0);
            flat[unit] += function == Activation.Kind.RELU6 && values[i] >= 6 ? 1 : 0;
          }
        }
        case SIGMOID -> {
          for (int i = begin; i < end; i++) {
            flat[unit] += Math.abs(values[i] - 0.5) > SIGMOID_FLAT - 0.5 ? 1 : 0;
          }
        }
        case TANH -> {
          for (int i = begin; i < end; i++) {
            flat[unit] += Math.abs(values[i]) > TANH_FLAT ? 1 : 0;
          }
        }
        case HARDSIGMOID -> {
          for (int i = begin; i < end; i++) {
            flat[unit] += values[i] <= 0 || values[i] >= 1 ? 1 : 0;
          }
        }
        case LEAKY_RELU, ELU, SILU, GELU, EXP, SELU, SOFTPLUS, MISH, HARDSWISH -> {}
      }
    }

    LayerSignal signal(Operation operation) {
      int units = alive.length;
      double count = (double) valuesOfUnit * units;
      double mean = sum / count;
      double variance = squares / count - mean * mean;
      boolean dies = function == Activation.Kind.RELU || function == Activation.Kind.RELU6;
      int dead = 0;
      int saturated = 0;
      for (int unit = 0; unit < units; unit++) {
        dead += dies && !alive[unit] ? 1 : 0;
        saturated += flat[unit] > SATURATED * valuesOfUnit ? 1 : 0;
      }
      return new LayerSignal(
          operation.path(),
          operation.name(),
          mean,
          Double.isNaN(variance) ? Double.NaN : Math.sqrt(Math.max(0, variance)),
          (double) dead / units,
          (double) saturated / units,
          units);
    }
  }
}
