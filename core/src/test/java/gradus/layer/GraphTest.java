package gradus.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.backend.spec.Activation;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.GroupNormSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class GraphTest {
  /** Writes a network as one formula. */
  private static final class Formula implements Graph<String> {
    @Override
    public String conv2d(Conv2dSpec spec, String x, Parameter weight, Parameter bias) {
      return "conv" + spec.r() + "(" + x + ", " + weight + ", " + bias + ")";
    }

    @Override
    public String linear(LinearSpec spec, String x, Parameter weight, Parameter bias) {
      return "linear(" + x + ", " + weight + ", " + bias + ")";
    }

    @Override
    public String batchNorm(
        BatchNormSpec spec,
        String x,
        Parameter weight,
        Parameter bias,
        Parameter mean,
        Parameter variance) {
      return "norm("
          + String.join(", ", x, name(weight), name(bias), name(mean), name(variance))
          + ")";
    }

    private static String name(Parameter parameter) {
      return parameter.name();
    }

    @Override
    public String groupNorm(GroupNormSpec spec, String x, Parameter weight, Parameter bias) {
      return "norm" + spec.groups() + "(" + String.join(", ", x, name(weight), name(bias)) + ")";
    }

    @Override
    public String activation(Activation function, String x) {
      return function.kind() + "(" + x + ")";
    }

    @Override
    public String maxPool(PoolSpec spec, String x) {
      return "max" + spec.kernelH() + "(" + x + ")";
    }

    @Override
    public String avgPool(PoolSpec spec, String x) {
      return "avg" + spec.kernelH() + "(" + x + ")";
    }

    @Override
    public String adaptiveAvgPool(AdaptivePoolSpec spec, String x) {
      return "adaptive" + spec.outH() + "(" + x + ")";
    }

    @Override
    public String flatten(String x) {
      return "flat(" + x + ")";
    }

    @Override
    public String softmax(String x) {
      return "softmax(" + x + ")";
    }

    @Override
    public String scale(float factor, String x) {
      return factor + " " + x;
    }

    @Override
    public String scaleChannels(String x, String factors) {
      return "(" + factors + " of channels of " + x + ")";
    }

    @Override
    public String add(String a, String b) {
      return "(" + a + " + " + b + ")";
    }

    @Override
    public String concat(List<String> values) {
      return values.toString();
    }
  }

  private static String formula(Layer network) {
    try (Backend backend = Backends.named("reference");
        Model model = Model.build(backend, network, Shape.of(2, 4, 4), 1)) {
      return model.export(new Formula(), "x");
    }
  }

  @Test
  void layersSayWhatAnEvaluationComputes() {
    assertEquals("conv3(x, weight[5, 2, 3, 3], null)", formula(new Conv2d(5, 3).withoutBias()));
    assertEquals("norm(x, weight, bias, running_mean, running_var)", formula(new BatchNorm2d()));
    assertEquals("norm2(x, weight, bias)", formula(new GroupNorm(2)));
    assertEquals(
        "linear(RELU(linear(flat(x), 0.weight[3, 32], 0.bias[3])), 3.weight[2, 3], 3.bias[2])",
        formula(new Sequential(new Linear(3), new ReLU(), new Dropout(), new Linear(2))));
    assertEquals("(GELU(x) + x)", formula(new Residual(new GELU())));
    assertEquals(
        "(max2(x) + adaptive2(x))",
        formula(new Residual(new MaxPool2d(2), new AdaptiveAvgPool2d(2))));
    assertEquals("[avg3(x), avg3(x)]", formula(new Concat(new AvgPool2d(3), new AvgPool2d(3))));
    assertEquals("max4(x)", formula(new GlobalMaxPool2d()));
    assertEquals(
        "(SIGMOID(conv1(RELU6(conv1(adaptive1(x), 0.fc1.weight[3, 2, 1, 1], 0.fc1.bias[3])),"
            + " 0.fc2.weight[2, 3, 1, 1], 0.fc2.bias[2])) of channels of x)",
        formula(
            new Sequential(
                new SqueezeExcitation(3).activation(new ReLU6()),
                new Dropout2d(),
                new StochasticDepth(0.5))));
    assertEquals(
        "softmax(0.5 flat(x))",
        formula(new Sequential(new Flatten(), new Scale(0.5), new Softmax())));
  }

  private static final class Odd extends Layer {
    @Override
    protected Shape build(Scope scope, Shape input) {
      return input;
    }

    @Override
    public Tensor forward(Tensor x) {
      return x;
    }
  }

  @Test
  void aLayerThatDoesNotSayIsNamedWithItsPlace() {
    Layer network = new Sequential().add("block", new Sequential().add("odd", new Odd()));
    assertEquals(
        "The layer Odd \"block.odd\" cannot be exported: gradus.layer.GraphTest$Odd does not say"
            + " what it computes. Override Layer.export there.",
        assertThrows(GradusException.class, () -> formula(network)).getMessage());
  }
}
