package gradus.backend.tck;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.AvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Concat;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Dropout2d;
import gradus.layer.ELU;
import gradus.layer.Exp;
import gradus.layer.Flatten;
import gradus.layer.GELU;
import gradus.layer.GlobalMaxPool2d;
import gradus.layer.GroupNorm;
import gradus.layer.Hardsigmoid;
import gradus.layer.Hardswish;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.LeakyReLU;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Mish;
import gradus.layer.ReLU;
import gradus.layer.ReLU6;
import gradus.layer.Residual;
import gradus.layer.SELU;
import gradus.layer.Scale;
import gradus.layer.Scope;
import gradus.layer.Sequential;
import gradus.layer.SiLU;
import gradus.layer.Sigmoid;
import gradus.layer.Softmax;
import gradus.layer.Softplus;
import gradus.layer.SqueezeExcitation;
import gradus.layer.StochasticDepth;
import gradus.layer.Tanh;
import gradus.loss.BCEWithLogitsLoss;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.FocalLoss;
import gradus.loss.Loss;
import gradus.loss.MSELoss;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The gradient of every op, proved by finite differences in double precision. */
class GradientTest {
  private static final Shape IMAGES = Shape.of(3, 4, 5, 6);
  private static final Shape FEATURES = Shape.of(4, 7);

  @TestFactory
  Stream<DynamicTest> convolutions() {
    return Stream.of(
            named("plain", new Conv2d(3, 3)),
            named("without bias", new Conv2d(3, 3).withoutBias()),
            named("same padding", new Conv2d(5, 4).dilation(2).samePadding()),
            named("asymmetric", Conv2d.rectangular(5, 3, 2).stride(2, 1).padding(1, 0, 2, 1)),
            named("dilated", new Conv2d(3, 2).dilation(2).padding(1)),
            named("grouped", new Conv2d(6, 3).groups(2).padding(1)),
            named("depthwise", new Conv2d(8, 3).groups(4).padding(1).stride(2)),
            named("1x1", new Conv2d(3, 1).stride(2)),
            named("as large as the image", Conv2d.rectangular(2, 5, 6)),
            named("with ReLU", new Sequential(new Conv2d(3, 3).padding(1), new ReLU())),
            named(
                "with ReLU and max-pool",
                new Sequential(new Conv2d(3, 3).padding(1), new ReLU(), new MaxPool2d(2))))
        .map(layer -> proof(layer, IMAGES));
  }

  @TestFactory
  Stream<DynamicTest> fullyConnected() {
    return Stream.of(
            named("plain", new Linear(5)),
            named("without bias", new Linear(1).withoutBias()),
            named("with ReLU", new Sequential(new Linear(5), new ReLU())))
        .map(layer -> proof(layer, FEATURES));
  }

  @TestFactory
  Stream<DynamicTest> pools() {
    return Stream.of(
            named("maximum", new MaxPool2d(2)),
            named("maximum, overlapping", new MaxPool2d(3).stride(2).padding(1)),
            named("maximum, stride 1", new MaxPool2d(2).stride(1)),
            named("maximum, of all", new GlobalMaxPool2d()),
            named("mean", new AvgPool2d(2)),
            named("mean, padding counted", new AvgPool2d(3).stride(2).padding(1)),
            named("mean, padding ignored", new AvgPool2d(3).stride(2).padding(1).ignorePadding()),
            named("adaptive to 1", new AdaptiveAvgPool2d()),
            named("adaptive to 4", new AdaptiveAvgPool2d(4)))
        .map(layer -> proof(layer, IMAGES));
  }

  @TestFactory
  Stream<DynamicTest> normalizations() {
    return Stream.of(
            named("plain", new BatchNorm2d()),
            named("scaled", new BatchNorm2d().epsilon(0.1).scale(Initializer.normal(1))),
            named("with ReLU", new Sequential(new BatchNorm2d(), new ReLU())),
            named("of groups", new GroupNorm(2)),
            named("of images", new GroupNorm(1).epsilon(0.1).scale(Initializer.normal(1))),
            named("of channels, with ReLU", new Sequential(new GroupNorm(4), new ReLU())),
            named(
                "between convolution and ReLU",
                new Sequential(new Conv2d(3, 3).withoutBias(), new BatchNorm2d(), new ReLU())))
        .map(layer -> proof(layer, IMAGES));
  }

  @TestFactory
  Stream<DynamicTest> elementwise() {
    return Stream.of(
            named("ReLU", new ReLU()),
            named("LeakyReLU", new LeakyReLU(0.1)),
            named("ELU", new ELU(0.7)),
            named("SiLU", new SiLU()),
            named("GELU", new GELU()),
            named("Sigmoid", new Sigmoid()),
            named("Tanh", new Tanh()),
            named("Dropout", new Dropout(0.4)),
            named("Scale", new Scale(-0.3)),
            named("ReLU6", new Sequential(new Scale(8), new ReLU6())),
            named("Exp", new Exp()),
            named("SELU", new SELU()),
            named("Softplus", new Softplus()),
            named("Mish", new Mish()),
            named("Hardsigmoid", new Hardsigmoid()),
            named("Hardswish", new Sequential(new Scale(4), new Hardswish())),
            named("Dropout2d", new Dropout2d(0.4)),
            named("StochasticDepth", new StochasticDepth(0.5)),
            named("Flatten", new Flatten()))
        .map(layer -> proof(layer, IMAGES));
  }

  @TestFactory
  Stream<DynamicTest> softmax() {
    return Stream.of(
        proof(named("over features", new Softmax()), FEATURES),
        proof(named("over the channels of each pixel", new Softmax()), IMAGES));
  }

  @TestFactory
  Stream<DynamicTest> joins() {
    return Stream.of(
            named("residual", new Residual(new Conv2d(4, 3).padding(1))),
            named(
                "residual with shortcut",
                new Residual(new Conv2d(3, 3).padding(1).stride(2), new Conv2d(3, 1).stride(2))),
            named(
                "residual with ReLU",
                new Sequential(new Residual(new Conv2d(4, 3).padding(1)), new ReLU())),
            named(
                "residual with batch norm and ReLU",
                new Sequential(
                    new Residual(
                        new Sequential(
                            new Conv2d(4, 3).padding(1).withoutBias(), new BatchNorm2d())),
                    new ReLU())),
            named(
                "residual of a batch norm alone and ReLU",
                new Sequential(new Residual(new Sequential(new BatchNorm2d())), new ReLU())),
            named("two uses of one input", new Residual(new Residual(new Tanh()))),
            named("squeeze and excitation", new SqueezeExcitation(2).activation(new Tanh())),
            named(
                "squeeze and excitation of an inner tensor",
                new Sequential(new Conv2d(5, 3), new SqueezeExcitation(3).activation(new SiLU()))),
            named("concat", new Concat(new Conv2d(2, 3).padding(1), new Conv2d(3, 1))),
            named("concat of one input", new Concat(new Tanh(), new Sigmoid(), new ReLU())))
        .map(layer -> proof(layer, IMAGES));
  }

  @TestFactory
  Stream<DynamicTest> losses() {
    int[] labels = {6, 0, 3, 3};
    UnaryOperator<Tensor> classes = output -> labels(output, labels);
    UnaryOperator<Tensor> distributions =
        output -> target(output, new RandomTensors(5).distributions(4, 7));
    UnaryOperator<Tensor> probabilities =
        output -> target(output, new RandomTensors(6).uniform(28, 0, 1));
    float[] weights = {1, 0.5f, 2, 3, 1, 0, 0.25f};
    return Stream.of(
        lossProof("cross-entropy", new CrossEntropyLoss(), classes),
        lossProof("cross-entropy, weighted", new CrossEntropyLoss().classWeights(weights), classes),
        lossProof("cross-entropy, smoothed", new CrossEntropyLoss().labelSmoothing(0.2), classes),
        lossProof(
            "cross-entropy, both",
            new CrossEntropyLoss().labelSmoothing(0.2).classWeights(weights),
            classes),
        lossProof("cross-entropy of distributions", new CrossEntropyLoss(), distributions),
        lossProof(
            "cross-entropy of distributions, both",
            new CrossEntropyLoss().labelSmoothing(0.2).classWeights(weights),
            distributions),
        lossProof("focal", new FocalLoss(), classes),
        lossProof("focal, weighted", new FocalLoss(0.5).classWeights(weights), classes),
        lossProof("mean squared error", new MSELoss(), probabilities),
        lossProof("binary cross-entropy", new BCEWithLogitsLoss(), probabilities));
  }

  /** What a trained network's answer depends on, with running statistics and without dropout. */
  @TestFactory
  Stream<DynamicTest> explanations() {
    return Stream.of(
            named("batch norm", new BatchNorm2d()),
            named("batch norm with ReLU", new Sequential(new BatchNorm2d(), new ReLU())),
            named(
                "residual with batch norm and ReLU",
                new Sequential(
                    new Residual(
                        new Sequential(
                            new Conv2d(4, 3).padding(1).withoutBias(), new BatchNorm2d())),
                    new ReLU())),
            named("dropout", new Sequential(new Tanh(), new Dropout(0.5))),
            named(
                "convolution, ReLU, max-pool and classifier",
                new Sequential(
                    new Conv2d(3, 3).padding(1), new ReLU(), new MaxPool2d(2), new Linear(5))))
        .map(
            layer ->
                dynamicTest(
                    layer.name,
                    () ->
                        GradientCheck.checkExplaining(
                            layer.layer,
                            IMAGES,
                            distinctValues(IMAGES),
                            GradientTest::distanceFromTarget)));
  }

  @TestFactory
  Stream<DynamicTest> frozenNormalizations() {
    return Stream.of(
            named("plain", new BatchNorm2d().epsilon(0.1).scale(Initializer.normal(1))),
            named(
                "between convolution and ReLU",
                new Sequential(new Conv2d(3, 3).withoutBias(), new BatchNorm2d(), new ReLU())),
            named(
                "residual with batch norm and ReLU",
                new Sequential(
                    new Residual(
                        new Sequential(
                            new Conv2d(4, 3).padding(1).withoutBias(), new BatchNorm2d()),
                        new Sequential(new Conv2d(4, 1), new BatchNorm2d())),
                    new ReLU())),
            named(
                "residual of a batch norm alone and ReLU",
                new Sequential(new Residual(new Sequential(new BatchNorm2d())), new ReLU())))
        .map(
            layer ->
                dynamicTest(
                    layer.name,
                    () ->
                        GradientCheck.checkWithFrozenNorms(
                            layer.layer,
                            IMAGES,
                            distinctValues(IMAGES),
                            GradientTest::distanceFromTarget)));
  }

  @Test
  void aWrongGradientIsFound() {
    AssertionError found =
        assertThrows(
            AssertionError.class,
            () ->
                GradientCheck.check(
                    new SquareWithWrongGradient(),
                    FEATURES,
                    distinctValues(FEATURES),
                    GradientTest::distanceFromTarget));
    assertTrue(found.getMessage().contains("The gradient of the input at 0"), found.getMessage());
  }

  private record Named(String name, Layer layer) {}

  private static Named named(String name, Layer layer) {
    return new Named(name, layer);
  }

  private static DynamicTest proof(Named layer, Shape input) {
    return dynamicTest(
        layer.name,
        () ->
            GradientCheck.check(
                layer.layer, input, distinctValues(input), GradientTest::distanceFromTarget));
  }

  /** The loss of a linear layer's output, so that the gradient also passes through something. */
  private static DynamicTest lossProof(String name, Loss loss, UnaryOperator<Tensor> target) {
    return dynamicTest(
        name,
        () ->
            GradientCheck.check(
                new Linear(7),
                FEATURES,
                distinctValues(FEATURES),
                output -> loss.apply(output, target.apply(output))));
  }

  /** The mean squared distance from random numbers: every output gets a gradient of its own. */
  private static Tensor distanceFromTarget(Tensor output) {
    float[] wanted = new RandomTensors(3).uniform(output.shape().size());
    return new MSELoss().apply(output, target(output, wanted));
  }

  private static Tensor target(Tensor output, float[] values) {
    return output.pass().tensor(FloatBuffer.wrap(values), output.shape());
  }

  private static Tensor labels(Tensor output, int[] labels) {
    Shape images = Shape.of(labels.length, 1, 1, 1);
    FloatBuffer none = FloatBuffer.allocate(labels.length);
    return output.pass().labels(new Batch(images, none, IntBuffer.wrap(labels)));
  }

  /** Shuffled numbers from about -1.5 to 1.5, none alike and none near 0: clear of kinks. */
  private static double[] distinctValues(Shape shape) {
    int count = (int) shape.size();
    double[] values = new double[count];
    SplittableRandom random = new SplittableRandom(count);
    for (int i = 0; i < count; i++) {
      int other = random.nextInt(i + 1);
      values[i] = values[other];
      values[other] = 3 * (i + 0.5) / count - 1.5 + (i * 2 < count ? -0.01 : 0.01);
    }
    return values;
  }

  private static final class SquareWithWrongGradient extends Layer {
    @Override
    protected Shape build(Scope scope, Shape input) {
      return input;
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = x.pass().allocate(x.shape());
      x.pass().backend().math().multiply(x.buffer(), x.buffer(), y.buffer());
      x.pass().record(new WrongSquareOp(x), y);
      return y;
    }
  }

  /** x dy, where 2 x dy is right. */
  private static final class WrongSquareOp extends Op {
    private final Tensor x;

    WrongSquareOp(Tensor x) {
      this.x = x;
    }

    @Override
    protected void backward(Pass pass, Tensor y) {
      x.gradientBeta();
      pass.backend().math().multiply(x.buffer(), y.gradient(), x.gradient());
    }
  }
}
