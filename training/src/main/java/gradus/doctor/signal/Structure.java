package gradus.doctor.signal;

import gradus.backend.spec.Activation;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.GroupNormSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.doctor.signal.Operation.Kind;
import gradus.doctor.signal.Operation.Window;
import gradus.layer.Graph;
import gradus.layer.Layer;
import gradus.layer.LayerSummary;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** How a network is wired: its operations, each after those it takes values of. */
public final class Structure {
  /** Stands among the inputs of an operation for the images. */
  public static final int IMAGES = -1;

  /** The place of the factors among the inputs of a gate. */
  private static final int FACTORS = 1;

  private final List<Operation> operations;
  private final int output;

  private Structure(List<Operation> operations, int output) {
    this.operations = operations;
    this.output = output;
  }

  /** The structure of a model; nothing is computed. */
  public static Structure of(Model model) {
    Wiring wiring = new Wiring(model);
    int output = model.export(wiring, IMAGES);
    return new Structure(List.copyOf(wiring.operations), output);
  }

  /** The operations in the order in which {@link Model#export} tells them. */
  public List<Operation> operations() {
    return operations;
  }

  /** The place of the operation that gives the output; {@link #IMAGES} if there is none. */
  public int output() {
    return output;
  }

  /**
   * Whether what comes of an operation only weighs other values ({@link Kind#GATE}): whatever is
   * constant there, the values themselves get past it.
   */
  public boolean isInGate(int operation) {
    boolean weighs = false;
    for (int i = operation + 1; i < operations.size(); i++) {
      List<Integer> inputs = operations.get(i).inputs();
      if (inputs.contains(operation)) {
        boolean asFactor =
            operations.get(i).kind() == Kind.GATE && inputs.indexOf(operation) == FACTORS;
        if (!asFactor && !isInGate(i)) {
          return false;
        }
        weighs = true;
      }
    }
    return weighs;
  }

  /** Writes the operations down. A value is the place of the operation it comes from. */
  private static final class Wiring implements Graph<Integer> {
    private final Shape images;
    private final List<LayerSummary> rows;
    private final List<Operation> operations = new ArrayList<>();
    private final List<Integer> rowOf = new ArrayList<>();

    Wiring(Model model) {
      images = model.inputShape();
      rows = model.summary().layers();
    }

    @Override
    public Integer conv2d(Conv2dSpec spec, Integer x, Parameter weight, Parameter bias) {
      Window window =
          new Window(
              (spec.r() - 1) * spec.dilationH() + 1,
              (spec.s() - 1) * spec.dilationW() + 1,
              spec.strideH(),
              spec.strideW());
      Shape output = spec.outputShape().withoutBatch();
      return weighted(Kind.CONVOLUTION, "Conv2d", x, output, window, weight);
    }

    @Override
    public Integer linear(LinearSpec spec, Integer x, Parameter weight, Parameter bias) {
      return weighted(Kind.LINEAR, "Linear", x, Shape.of(spec.out()), null, weight);
    }

    @Override
    public Integer batchNorm(
        BatchNormSpec spec,
        Integer x,
        Parameter weight,
        Parameter bias,
        Parameter mean,
        Parameter variance) {
      return weighted(Kind.NORM, "BatchNorm2d", x, shape(x), null, weight);
    }

    @Override
    public Integer groupNorm(GroupNormSpec spec, Integer x, Parameter weight, Parameter bias) {
      return weighted(Kind.NORM, "GroupNorm", x, shape(x), null, weight);
    }

    @Override
    public Integer activation(Activation function, Integer x) {
      String name =
          switch (function.kind()) {
            case RELU -> "ReLU";
            case LEAKY_RELU -> "LeakyReLU";
            case ELU -> "ELU";
            case SILU -> "SiLU";
            case GELU -> "GELU";
            case SIGMOID -> "Sigmoid";
            case TANH -> "Tanh";
            case RELU6 -> "ReLU6";
            case EXP -> "Exp";
            case SELU -> "SELU";
            case SOFTPLUS -> "Softplus";
            case MISH -> "Mish";
            case HARDSIGMOID -> "Hardsigmoid";
            case HARDSWISH -> "Hardswish";
          };
      int row = rowAfter(x, name);
      return add(
          new Operation(
              path(row, x), name, Kind.ACTIVATION, List.of(x), shape(x), null, null, function),
          row);
    }

    @Override
    public Integer maxPool(PoolSpec spec, Integer x) {
      boolean global = spec.kernelH() == spec.h() && spec.kernelW() == spec.w();
      int row = global ? rowAfter(x, "GlobalMaxPool2d") : -1;
      String name = row >= 0 ? "GlobalMaxPool2d" : "MaxPool2d";
      return pool(Kind.MAX_POOL, name, x, spec);
    }

    @Override
    public Integer avgPool(PoolSpec spec, Integer x) {
      return pool(Kind.AVERAGE_POOL, "AvgPool2d", x, spec);
    }

    private Integer pool(Kind kind, String name, Integer x, PoolSpec spec) {
      Window window = new Window(spec.kernelH(), spec.kernelW(), spec.strideH(), spec.strideW());
      return plain(kind, name, x, spec.outputShape().withoutBatch(), window);
    }

    @Override
    public Integer adaptiveAvgPool(AdaptivePoolSpec spec, Integer x) {
      int strideH = Math.max(1, spec.h() / spec.outH());
      int strideW = Math.max(1, spec.w() / spec.outW());
      Window window =
          new Window(
              (spec.h() + spec.outH() - 1) / spec.outH(),
              (spec.w() + spec.outW() - 1) / spec.outW(),
              strideH,
              strideW);
      Shape output = spec.outputShape().withoutBatch();
      return plain(Kind.AVERAGE_POOL, "AdaptiveAvgPool2d", x, output, window);
    }

    @Override
    public Integer flatten(Integer x) {
      Shape before = shape(x);
      Shape after = before == null ? null : Shape.of(Math.toIntExact(before.size()));
      return plain(Kind.FLATTEN, "Flatten", x, after, null);
    }

    @Override
    public Integer softmax(Integer x) {
      return plain(Kind.SOFTMAX, "Softmax", x, shape(x), null);
    }

    @Override
    public Integer scale(float factor, Integer x) {
      return plain(Kind.SCALE, "Scale", x, shape(x), null);
    }

    @Override
    public Integer scaleChannels(Integer x, Integer factors) {
      return joined(Kind.GATE, "gate", List.of(x, factors), shape(x));
    }

    @Override
    public Integer add(Integer a, Integer b) {
      return joined(Kind.ADD, "add", List.of(a, b), shape(a) == null ? shape(b) : shape(a));
    }

    @Override
    public Integer concat(List<Integer> values) {
      int channels = 0;
      for (int value : values) {
        if (shape(value) == null) {
          return joined(Kind.CONCAT, "concat", values, null);
        }
        channels += shape(value).dim(0);
      }
      int[] dimensions = shape(values.get(0)).toArray();
      dimensions[0] = channels;
      return joined(Kind.CONCAT, "concat", values, Shape.of(dimensions));
    }

    @Override
    public Integer opaque(Layer layer, Integer x) {
      int row = rowAt(layer.path());
      Shape output = row < 0 ? null : rows.get(row).output();
      return add(
          new Operation(
              layer.path(), layer.kind(), Kind.OPAQUE, List.of(x), output, null, null, null),
          Math.max(row, rowOf(x)));
    }

    private Integer weighted(
        Kind kind, String name, Integer x, Shape output, Window window, Parameter weight) {
      String full = weight.name();
      String path = full.substring(0, Math.max(0, full.lastIndexOf('.')));
      return add(
          new Operation(path, name, kind, List.of(x), output, window, weight, null),
          Math.max(rowAt(path), rowOf(x)));
    }

    private Integer plain(Kind kind, String name, Integer x, Shape output, Window window) {
      int row = rowAfter(x, name);
      return add(
          new Operation(path(row, x), name, kind, List.of(x), output, window, null, null), row);
    }

    private Integer joined(Kind kind, String name, List<Integer> inputs, Shape output) {
      int latest = inputs.get(0);
      for (int input : inputs) {
        latest = rowOf(input) > rowOf(latest) ? input : latest;
      }
      return add(
          new Operation(path(-1, latest), name, kind, inputs, output, null, null, null),
          rowOf(latest));
    }

    private Integer add(Operation operation, int row) {
      operations.add(operation);
      rowOf.add(row >= 0 ? row : rowOf(operation.inputs().get(0)));
      return operations.size() - 1;
    }

    private Shape shape(int value) {
      return value == IMAGES ? images : operations.get(value).output();
    }

    private String path(int row, int input) {
      return row >= 0 ? rows.get(row).path() : input == IMAGES ? "" : operations.get(input).path();
    }

    private int rowOf(int value) {
      return value == IMAGES ? -1 : rowOf.get(value);
    }

    private int rowAt(String path) {
      for (int i = 0; i < rows.size(); i++) {
        if (rows.get(i).path().equals(path)) {
          return i;
        }
      }
      return -1;
    }

    /**
     * Operations without weights do not know their layer: it is the next of its kind after the one
     * the value comes from, in the order in which layers were built. -1 if there is none.
     */
    private int rowAfter(int x, String kind) {
      for (int i = rowOf(x) + 1; i < rows.size(); i++) {
        LayerSummary row = rows.get(i);
        if (row.kind().equals(kind) && (shape(x) == null || row.input().equals(shape(x)))) {
          return i;
        }
      }
      return -1;
    }
  }
}
