package gradus.onnx;

import gradus.backend.spec.Activation;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.GroupNormSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.layer.Graph;
import gradus.layer.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A network in the operators of ONNX, opset 17. A value is its name. */
final class OnnxGraph implements Graph<String> {
  static final String INPUT = "images";
  static final String OUTPUT = "logits";

  private final List<OnnxNode> nodes = new ArrayList<>();
  private final Map<String, OnnxTensor> constants = new LinkedHashMap<>();
  private final Map<String, Integer> used = new LinkedHashMap<>();

  /** The operations, each after those it needs. */
  List<OnnxNode> nodes() {
    return nodes;
  }

  /** The weights and other constants by name. */
  Map<String, OnnxTensor> constants() {
    return constants;
  }

  /** {@code (x - mean) / deviation} for each channel. */
  String normalize(String x, float[] mean, float[] deviation) {
    int[] shape = {1, mean.length, 1, 1};
    String centered = node("Sub", List.of(x, constant("mean", shape, mean)));
    return node("Div", List.of(centered, constant("standard_deviation", shape, deviation)));
  }

  /** Ends the graph with a value. */
  void end(String value) {
    nodes.add(new OnnxNode("Identity", List.of(value), OUTPUT));
  }

  @Override
  public String conv2d(Conv2dSpec spec, String x, Parameter weight, Parameter bias) {
    return add(
        named("Conv", weight, inputs(x, weight, bias))
            .with("kernel_shape", List.of(spec.r(), spec.s()))
            .with("strides", List.of(spec.strideH(), spec.strideW()))
            .with("pads", List.of(spec.padTop(), spec.padLeft(), spec.padBottom(), spec.padRight()))
            .with("dilations", List.of(spec.dilationH(), spec.dilationW()))
            .with("group", spec.groups()));
  }

  @Override
  public String linear(LinearSpec spec, String x, Parameter weight, Parameter bias) {
    return add(named("Gemm", weight, inputs(x, weight, bias)).with("transB", 1));
  }

  @Override
  public String batchNorm(
      BatchNormSpec spec,
      String x,
      Parameter weight,
      Parameter bias,
      Parameter mean,
      Parameter variance) {
    return add(
        named("BatchNormalization", weight, inputs(x, weight, bias, mean, variance))
            .with("epsilon", spec.epsilon()));
  }

  /** By instance normalisation of the groups: GroupNormalization is of opset 21. */
  @Override
  public String groupNorm(GroupNormSpec spec, String x, Parameter weight, Parameter bias) {
    float[] ones = new float[spec.groups()];
    Arrays.fill(ones, 1);
    int[] perGroup = {spec.groups()};
    String groups = node("Reshape", List.of(x, ints(0, spec.groups(), -1)));
    String scale = constant("ones", perGroup, ones);
    String shift = constant("zeros", perGroup, new float[spec.groups()]);
    String normal =
        add(
            named("InstanceNormalization", weight, List.of(groups, scale, shift))
                .with("epsilon", spec.epsilon()));
    String channels = node("Reshape", List.of(normal, ints(0, spec.c(), -1)));
    String scaled = node("Mul", List.of(channels, perChannel(weight)));
    String shifted = node("Add", List.of(scaled, perChannel(bias)));
    return node("Reshape", List.of(shifted, node("Shape", List.of(x))));
  }

  /** A column, for channels with their pixels behind each other. */
  private String perChannel(Parameter parameter) {
    int[] column = {parameter.shape().dim(0), 1};
    constants.computeIfAbsent(
        parameter.name(), name -> new OnnxTensor(name, column, parameter.read()));
    return parameter.name();
  }

  /** A constant of integers; in a shape 0 is the size that was there, -1 what is left. */
  private String ints(Integer... values) {
    OnnxNode constant = new OnnxNode("Constant", List.of(), unique("/Constant"));
    return add(constant.with("value_ints", List.of(values)));
  }

  @Override
  public String activation(Activation function, String x) {
    return switch (function.kind()) {
      case RELU -> node("Relu", List.of(x));
      case LEAKY_RELU -> add(unnamed("LeakyRelu", x).with("alpha", function.alpha()));
      case ELU -> add(unnamed("Elu", x).with("alpha", function.alpha()));
      case SILU -> node("Mul", List.of(x, node("Sigmoid", List.of(x))));
      case GELU -> gelu(x);
      case SIGMOID -> node("Sigmoid", List.of(x));
      case TANH -> node("Tanh", List.of(x));
      case RELU6 -> node("Clip", List.of(x, scalar("least", 0), scalar("most", 6)));
      case EXP -> node("Exp", List.of(x));
      case SELU -> node("Selu", List.of(x));
      case SOFTPLUS -> node("Softplus", List.of(x));
      case MISH -> node("Mul", List.of(x, node("Tanh", List.of(node("Softplus", List.of(x))))));
      case HARDSIGMOID -> hardSigmoid(x);
      case HARDSWISH -> node("Mul", List.of(x, hardSigmoid(x)));
    };
  }

  private String hardSigmoid(String x) {
    return add(unnamed("HardSigmoid", x).with("alpha", 1 / 6f).with("beta", 0.5f));
  }

  /** 0.5 x (1 + erf(x / sqrt(2))), since Gelu is an operator from opset 20 on only. */
  private String gelu(String x) {
    String scaled = scale((float) Math.sqrt(0.5), x);
    String erf = node("Erf", List.of(scaled));
    String distribution = node("Add", List.of(erf, scalar("one", 1)));
    return scale(0.5f, node("Mul", List.of(x, distribution)));
  }

  @Override
  public String maxPool(PoolSpec spec, String x) {
    return add(pool("MaxPool", spec, x));
  }

  @Override
  public String avgPool(PoolSpec spec, String x) {
    return add(pool("AveragePool", spec, x).with("count_include_pad", spec.countPadding() ? 1 : 0));
  }

  private OnnxNode pool(String type, PoolSpec spec, String x) {
    return unnamed(type, x)
        .with("kernel_shape", List.of(spec.kernelH(), spec.kernelW()))
        .with("strides", List.of(spec.strideH(), spec.strideW()))
        .with("pads", List.of(spec.padH(), spec.padW(), spec.padH(), spec.padW()));
  }

  /** Two matrix products where the windows differ in size: ONNX has no adaptive pooling. */
  @Override
  public String adaptiveAvgPool(AdaptivePoolSpec spec, String x) {
    if (spec.outH() == 1 && spec.outW() == 1) {
      return node("GlobalAveragePool", List.of(x));
    }
    if (spec.h() % spec.outH() == 0 && spec.w() % spec.outW() == 0) {
      List<Integer> window = List.of(spec.h() / spec.outH(), spec.w() / spec.outW());
      return add(unnamed("AveragePool", x).with("kernel_shape", window).with("strides", window));
    }
    float[] rows = new float[spec.outH() * spec.h()];
    average(spec.h(), spec.outH(), (i, o, share) -> rows[o * spec.h() + i] = share);
    float[] columns = new float[spec.w() * spec.outW()];
    average(spec.w(), spec.outW(), (i, o, share) -> columns[i * spec.outW() + o] = share);
    String byRows = constant("rows", new int[] {spec.outH(), spec.h()}, rows);
    String byColumns = constant("columns", new int[] {spec.w(), spec.outW()}, columns);
    String narrowed = node("MatMul", List.of(x, byColumns));
    return node("MatMul", List.of(byRows, narrowed));
  }

  private interface Share {
    void set(int in, int out, float share);
  }

  private static void average(int in, int out, Share share) {
    for (int o = 0; o < out; o++) {
      int first = (int) ((long) o * in / out);
      int end = (int) (((o + 1L) * in + out - 1) / out);
      for (int i = first; i < end; i++) {
        share.set(i, o, 1f / (end - first));
      }
    }
  }

  @Override
  public String flatten(String x) {
    return add(unnamed("Flatten", x).with("axis", 1));
  }

  @Override
  public String softmax(String x) {
    return add(unnamed("Softmax", x).with("axis", 1));
  }

  @Override
  public String scale(float factor, String x) {
    return node("Mul", List.of(x, scalar("factor", factor)));
  }

  @Override
  public String scaleChannels(String x, String factors) {
    return node("Mul", List.of(x, factors));
  }

  @Override
  public String add(String a, String b) {
    return node("Add", List.of(a, b));
  }

  @Override
  public String concat(List<String> values) {
    OnnxNode node = new OnnxNode("Concat", values, unique("/Concat"));
    return add(node.with("axis", 1));
  }

  private String node(String type, List<String> inputs) {
    return add(new OnnxNode(type, inputs, unique("/" + type)));
  }

  private OnnxNode unnamed(String type, String x) {
    return new OnnxNode(type, List.of(x), unique("/" + type));
  }

  /** Named after the layer that has the weights. */
  private OnnxNode named(String type, Parameter weight, List<String> inputs) {
    int end = weight.name().lastIndexOf('.');
    return new OnnxNode(
        type, inputs, unique("/" + (end < 0 ? type : weight.name().substring(0, end))));
  }

  private String add(OnnxNode node) {
    nodes.add(node);
    return node.output();
  }

  private List<String> inputs(String x, Parameter... parameters) {
    List<String> inputs = new ArrayList<>();
    inputs.add(x);
    for (Parameter parameter : parameters) {
      if (parameter != null) { // a layer without bias
        constants.computeIfAbsent(parameter.name(), name -> OnnxTensor.of(parameter));
        inputs.add(parameter.name());
      }
    }
    return inputs;
  }

  private String scalar(String name, float value) {
    return constant(name, new int[0], value);
  }

  private String constant(String name, int[] shape, float... values) {
    OnnxTensor constant = new OnnxTensor(unique("/" + name), shape, values);
    constants.put(constant.name(), constant);
    return constant.name();
  }

  /** The slash tells these names from those of parameters. */
  private String unique(String name) {
    int count = used.merge(name, 1, Integer::sum);
    return count == 1 ? name : name + "_" + count;
  }
}
