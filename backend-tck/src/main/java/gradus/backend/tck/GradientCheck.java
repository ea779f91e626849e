package gradus.backend.tck;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Buffer;
import gradus.backend.reference.ReferenceBackend;
import gradus.backend.reference.ReferenceMemory;
import gradus.layer.Layer;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.UnaryOperator;

/**
 * Proves the gradients of a layer and a loss: every element of the input and of every parameter is
 * moved a little both ways, and the slope of the loss is compared with what backward says. It runs
 * on the reference backend, in double precision from end to end, so that the bound can be tight;
 * single precision would hide real errors. The conformance kit carries the proof to other backends.
 *
 * <p>Data must keep clear of kinks (a ReLU at 0, ties of a max-pool): there is no slope there.
 */
public final class GradientCheck {
  private static final double STEP = 1e-6;
  private static final double RELATIVE = 1e-5;
  private static final double ABSOLUTE = 1e-8; // 1e-16 / STEP, and room for the sum
  private static final long PASS_SEED = 17; // dropout drops the same elements every time

  private final ReferenceBackend backend;
  private final ReferenceMemory memory;
  private final Model model;
  private final Shape input;
  private final double[] values;
  private final UnaryOperator<Tensor> loss;
  private final boolean training;

  private GradientCheck(
      ReferenceBackend backend,
      Model model,
      Shape input,
      double[] values,
      UnaryOperator<Tensor> loss,
      boolean training) {
    this.backend = backend;
    this.memory = backend.memory();
    this.model = model;
    this.input = input;
    this.values = values.clone();
    this.loss = loss;
    this.training = training;
  }

  /**
   * Checks a layer for a batch of inputs.
   *
   * @param input {@code [N,..]}
   * @param values of the input, in row-major order
   * @param loss makes a scalar of the layer's output
   * @throws AssertionError that names the first element whose gradient is wrong, with both numbers
   */
  public static void check(Layer layer, Shape input, double[] values, UnaryOperator<Tensor> loss) {
    try (ReferenceBackend backend = new ReferenceBackend();
        Model model = Model.build(backend, layer, input.withoutBatch(), 1)) {
      new GradientCheck(backend, model, input, values, loss, true).run();
    }
  }

  /**
   * The same for what a trained layer's answer depends on: the gradient of the input in {@link
   * Pass#explaining}, where batch norm uses statistics of earlier batches and dropout does nothing.
   */
  public static void checkExplaining(
      Layer layer, Shape input, double[] values, UnaryOperator<Tensor> loss) {
    try (ReferenceBackend backend = new ReferenceBackend();
        Model model = Model.build(backend, layer, input.withoutBatch(), 1)) {
      GradientCheck check = new GradientCheck(backend, model, input, values, loss, false);
      try (Pass pass = Pass.training(backend)) { // so that running statistics are not 0 and 1
        model.forward(check.input(pass));
      }
      check.run();
    }
  }

  /**
   * The same in training with normalisations that are {@linkplain Parameter#setFrozen frozen} after
   * a first pass: the gradients of the input and of all that learns.
   */
  public static void checkWithFrozenNorms(
      Layer layer, Shape input, double[] values, UnaryOperator<Tensor> loss) {
    try (ReferenceBackend backend = new ReferenceBackend();
        Model model = Model.build(backend, layer, input.withoutBatch(), 1)) {
      GradientCheck check = new GradientCheck(backend, model, input, values, loss, true);
      try (Pass pass = Pass.training(backend)) { // so that running statistics are not 0 and 1
        model.forward(check.input(pass));
      }
      for (Parameter parameter : model.parameters()) {
        parameter.setFrozen(parameter.kind() == Parameter.Kind.NORM);
      }
      check.run();
    }
  }

  private void run() {
    Map<String, double[]> claimed = claimedGradients();
    compare("the input", values, claimed.get("the input"), this::loss);
    if (!training) {
      return; // parameters get no gradient
    }
    for (Parameter parameter : model.parameters()) {
      if (!parameter.isTrainable()) {
        continue;
      }
      Buffer buffer = parameter.value();
      double[] own = memory.copyOut(buffer);
      compare(
          parameter.name(),
          own,
          claimed.get(parameter.name()),
          () -> {
            memory.copyIn(own, buffer);
            return loss();
          });
      memory.copyIn(own, buffer);
    }
  }

  /** What backward says. */
  private Map<String, double[]> claimedGradients() {
    Map<String, double[]> gradients = new LinkedHashMap<>();
    try (Pass pass = pass()) {
      Tensor x = input(pass).requireGradient();
      pass.backward(loss.apply(model.forward(x)));
      gradients.put("the input", memory.copyOut(x.gradient()));
      for (Parameter parameter : model.parameters()) {
        gradients.put(parameter.name(), memory.copyOut(parameter.gradient()));
      }
    }
    return gradients;
  }

  private Pass pass() {
    return training ? Pass.training(backend, PASS_SEED) : Pass.explaining(backend);
  }

  private double loss() {
    try (Pass pass = pass()) {
      return memory.copyOut(loss.apply(model.forward(input(pass))).buffer())[0];
    }
  }

  private Tensor input(Pass pass) {
    Tensor x = pass.allocate(input);
    memory.copyIn(values, x.buffer());
    return x;
  }

  /** Moves each element of {@code moved} both ways and puts it back. */
  private static void compare(
      String name, double[] moved, double[] claimed, DoubleSupplier lossOfMoved) {
    for (int i = 0; i < moved.length; i++) {
      double own = moved[i];
      moved[i] = own + STEP;
      double above = lossOfMoved.getAsDouble();
      moved[i] = own - STEP;
      double below = lossOfMoved.getAsDouble();
      moved[i] = own;
      double slope = (above - below) / (2 * STEP);
      double allowed = ABSOLUTE + RELATIVE * Math.max(Math.abs(slope), Math.abs(claimed[i]));
      if (!(Math.abs(slope - claimed[i]) <= allowed)) {
        throw new AssertionError(
            String.format(
                "The gradient of %s at %d is %.9g, but the slope of the loss is %.9g.",
                name, i, claimed[i], slope));
      }
    }
  }
}
