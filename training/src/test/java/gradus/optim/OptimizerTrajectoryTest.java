package gradus.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.layer.Layer;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ParameterStore;
import gradus.layer.Scope;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Twenty steps of every optimizer on five weights with the gradients {@code (0.3 + 0.1 i) (w - sin
 * i) + 0.2 cos(3 i + t)}: against PyTorch's own where the fixture has it, and else against the
 * published algorithm, written down plainly below.
 */
class OptimizerTrajectoryTest {
  private static final int WEIGHTS = 5;
  private static final int STEPS = 20;
  private static final boolean IN_DOUBLE =
      System.getProperty("gradus.test.backend", "reference").equals("reference");

  /** Relative. Specs of SGD and Adam hold floats, which alone makes some 1e-7. */
  private static final double TOLERANCE = IN_DOUBLE ? 1e-6 : 2e-5;

  private Backend backend;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @TestFactory
  Stream<DynamicTest> equalsPyTorch() throws IOException {
    Map<String, List<double[]>> expected = fixture();
    Map<String, Function<ParameterStore, Optimizer>> makers = pyTorchs();
    assertEquals(expected.keySet(), makers.keySet());
    return makers.entrySet().stream()
        .map(e -> test(e.getKey(), e.getValue(), expected.get(e.getKey())));
  }

  @TestFactory
  Stream<DynamicTest> equalsItsPaper() {
    return Stream.of(
        test("nadam", p -> NAdam.of(p).learningRate(0.1).build(), paper(nadam(0))),
        test(
            "nadam decay",
            p -> NAdam.of(p).learningRate(0.1).weightDecay(0.1).build(),
            paper(nadam(0.1))),
        test("radam", p -> RAdam.of(p).learningRate(0.1).build(), paper(radam(0.999, 0))),
        test(
            "radam that divides early",
            p -> RAdam.of(p).learningRate(0.1).betas(0.9, 0.9).weightDecay(0.1).build(),
            paper(radam(0.9, 0.1))),
        test("adadelta", p -> Adadelta.of(p).build(), paper(adadelta(1, 0))),
        test(
            "adadelta decay",
            p -> Adadelta.of(p).learningRate(0.5).weightDecay(0.1).build(),
            paper(adadelta(0.5, 0.1))),
        test("lion", p -> Lion.of(p).learningRate(0.01).build(), paper(lion(0))),
        test(
            "lion decay",
            p -> Lion.of(p).learningRate(0.01).weightDecay(0.5).build(),
            paper(lion(0.5))),
        test("lars", p -> LARS.of(p).trust(0.02).weightDecay(0.1).build(), lars()));
  }

  private static Map<String, Function<ParameterStore, Optimizer>> pyTorchs() {
    Map<String, Function<ParameterStore, Optimizer>> makers = new LinkedHashMap<>();
    makers.put("sgd", p -> SGD.of(p).learningRate(0.1).momentum(0).build());
    makers.put("sgd momentum decay", p -> SGD.of(p).learningRate(0.1).weightDecay(0.01).build());
    makers.put(
        "sgd dampening", p -> SGD.of(p).learningRate(0.1).momentum(0.8).dampening(0.3).build());
    makers.put(
        "sgd nesterov decay",
        p -> SGD.of(p).learningRate(0.1).nesterov().weightDecay(0.02).build());
    makers.put("adam", p -> Adam.of(p).learningRate(0.1).build());
    makers.put("adam decay", p -> Adam.of(p).learningRate(0.1).weightDecay(0.1).build());
    makers.put(
        "adam amsgrad decay", p -> Adam.of(p).learningRate(0.1).weightDecay(0.1).amsgrad().build());
    makers.put("adamw", p -> AdamW.of(p).learningRate(0.1).weightDecay(0.1).build());
    makers.put(
        "adamw amsgrad", p -> AdamW.of(p).learningRate(0.1).weightDecay(0.1).amsgrad().build());
    makers.put("rmsprop", p -> RMSprop.of(p).build());
    makers.put("rmsprop decay", p -> RMSprop.of(p).weightDecay(0.1).build());
    makers.put("rmsprop centered", p -> RMSprop.of(p).centered().build());
    makers.put("rmsprop momentum", p -> RMSprop.of(p).momentum(0.9).build());
    makers.put(
        "rmsprop centered momentum",
        p -> RMSprop.of(p).centered().momentum(0.9).weightDecay(0.1).build());
    makers.put("adagrad", p -> Adagrad.of(p).learningRate(0.1).build());
    makers.put(
        "adagrad decays",
        p ->
            Adagrad.of(p)
                .learningRate(0.1)
                .rateDecay(0.05)
                .weightDecay(0.1)
                .initialSum(0.1)
                .build());
    return makers;
  }

  private DynamicTest test(
      String name, Function<ParameterStore, Optimizer> maker, List<double[]> expected) {
    return DynamicTest.dynamicTest(name, () -> follow(maker, expected));
  }

  private void follow(Function<ParameterStore, Optimizer> maker, List<double[]> expected) {
    try (Model model = Model.build(backend, new Weights(), Shape.of(1), 1);
        Optimizer optimizer = maker.apply(model.parameters())) {
      Parameter w = model.parameters().named("weight");
      for (int t = 1; t <= STEPS; t++) {
        float[] now = w.read();
        float[] gradient = new float[WEIGHTS];
        for (int i = 0; i < WEIGHTS; i++) {
          gradient[i] = (float) gradient(i, t, now[i]);
        }
        backend
            .memory()
            .copyIn(FloatBuffer.wrap(gradient), w.gradient(), w.shape(), Placement.DENSE);
        w.gradientBeta();
        optimizer.step();
        float[] after = w.read();
        for (int i = 0; i < WEIGHTS; i++) {
          double wanted = expected.get(t - 1)[i];
          assertEquals(
              wanted,
              after[i],
              TOLERANCE * Math.max(1, Math.abs(wanted)),
              "weight " + i + " after step " + t);
        }
      }
    }
  }

  private static double gradient(int i, int t, double w) {
    return (0.3 + 0.1 * i) * (w - Math.sin(i)) + 0.2 * Math.cos(3 * i + t);
  }

  private static double start(int i) {
    return 0.25 * (i + 1) * (i % 2 == 0 ? 1 : -1);
  }

  /** A layer that is nothing but its weights. */
  private static final class Weights extends Layer {
    @Override
    protected Shape build(Scope scope, Shape input) {
      scope.parameter(
          "weight",
          Shape.of(WEIGHTS),
          Parameter.Kind.WEIGHT,
          (shape, seed) -> {
            float[] values = new float[WEIGHTS];
            for (int i = 0; i < WEIGHTS; i++) {
              values[i] = (float) start(i);
            }
            return values;
          });
      return input;
    }

    @Override
    public Tensor forward(Tensor x) {
      return x;
    }
  }

  private static Map<String, List<double[]>> fixture() throws IOException {
    Map<String, List<double[]>> steps = new LinkedHashMap<>();
    try (InputStream in =
        OptimizerTrajectoryTest.class.getResourceAsStream("/pytorch/optimizers.csv")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      text.lines()
          .skip(1)
          .forEach(
              line -> {
                String[] fields = line.split(",", -1);
                double[] weights = new double[WEIGHTS];
                for (int i = 0; i < WEIGHTS; i++) {
                  weights[i] = Double.parseDouble(fields[2 + i]);
                }
                steps.computeIfAbsent(fields[0], name -> new ArrayList<>()).add(weights);
              });
    }
    steps.forEach((name, list) -> assertEquals(STEPS, list.size(), name));
    assertTrue(steps.size() >= 16);
    return steps;
  }

  // The algorithms as published, for one weight: (t, w, gradient) to the new w.

  /** One weight's optimizer. */
  private interface Plain {
    double step(int t, double w, double gradient);
  }

  private static List<double[]> paper(Supplier<Plain> maker) {
    List<double[]> steps = new ArrayList<>();
    for (int t = 1; t <= STEPS; t++) {
      steps.add(new double[WEIGHTS]);
    }
    for (int i = 0; i < WEIGHTS; i++) {
      Plain plain = maker.get();
      double w = start(i);
      for (int t = 1; t <= STEPS; t++) {
        w = plain.step(t, w, gradient(i, t, w));
        steps.get(t - 1)[i] = w;
      }
    }
    return steps;
  }

  // PyTorch's documentation of torch.optim.NAdam, line by line.
  private static Supplier<Plain> nadam(double decay) {
    return () ->
        new Plain() {
          double m;
          double v;
          double product = 1;

          @Override
          public double step(int t, double w, double gradient) {
            double g = gradient + decay * w;
            double mu = 0.9 * (1 - 0.5 * Math.pow(0.96, t * 0.004));
            double muNext = 0.9 * (1 - 0.5 * Math.pow(0.96, (t + 1) * 0.004));
            product *= mu;
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            double mHat = muNext * m / (1 - product * muNext) + (1 - mu) * g / (1 - product);
            double vHat = v / (1 - Math.pow(0.999, t));
            return w - 0.1 * mHat / (Math.sqrt(vHat) + 1e-8);
          }
        };
  }

  // PyTorch's documentation of torch.optim.RAdam, line by line.
  private static Supplier<Plain> radam(double beta2, double decay) {
    return () ->
        new Plain() {
          double m;
          double v;

          @Override
          public double step(int t, double w, double gradient) {
            double g = gradient + decay * w;
            m = 0.9 * m + 0.1 * g;
            v = beta2 * v + (1 - beta2) * g * g;
            double mHat = m / (1 - Math.pow(0.9, t));
            double rhoInf = 2 / (1 - beta2) - 1;
            double rho = rhoInf - 2 * t * Math.pow(beta2, t) / (1 - Math.pow(beta2, t));
            if (rho > 5) {
              double l = Math.sqrt(1 - Math.pow(beta2, t)) / (Math.sqrt(v) + 1e-8);
              double r =
                  Math.sqrt((rho - 4) * (rho - 2) * rhoInf / ((rhoInf - 4) * (rhoInf - 2) * rho));
              return w - 0.1 * mHat * r * l;
            }
            return w - 0.1 * mHat;
          }
        };
  }

  // PyTorch's documentation of torch.optim.Adadelta, line by line.
  private static Supplier<Plain> adadelta(double rate, double decay) {
    return () ->
        new Plain() {
          double v;
          double u;

          @Override
          public double step(int t, double w, double gradient) {
            double g = gradient + decay * w;
            v = 0.9 * v + 0.1 * g * g;
            double d = Math.sqrt(u + 1e-6) / Math.sqrt(v + 1e-6) * g;
            u = 0.9 * u + 0.1 * d * d;
            return w - rate * d;
          }
        };
  }

  // Chen et al. 2023, algorithm 2.
  private static Supplier<Plain> lion(double decay) {
    return () ->
        new Plain() {
          double m;

          @Override
          public double step(int t, double w, double gradient) {
            double c = 0.9 * m + 0.1 * gradient;
            m = 0.99 * m + 0.01 * gradient;
            return w - 0.01 * (Math.signum(c) + decay * w);
          }
        };
  }

  // You et al. 2017, algorithm 1, with the local rate in the gradient as in LARC.
  private static List<double[]> lars() {
    List<double[]> steps = new ArrayList<>();
    double[] w = new double[WEIGHTS];
    double[] velocity = new double[WEIGHTS];
    for (int i = 0; i < WEIGHTS; i++) {
      w[i] = start(i);
    }
    for (int t = 1; t <= STEPS; t++) {
      double ww = 0;
      double gg = 0;
      double[] g = new double[WEIGHTS];
      for (int i = 0; i < WEIGHTS; i++) {
        g[i] = gradient(i, t, w[i]);
        ww += w[i] * w[i];
        gg += g[i] * g[i];
      }
      double local = 0.02 * Math.sqrt(ww) / (Math.sqrt(gg) + 0.1 * Math.sqrt(ww));
      for (int i = 0; i < WEIGHTS; i++) {
        velocity[i] = 0.9 * velocity[i] + local * (g[i] + 0.1 * w[i]);
        w[i] -= velocity[i];
      }
      steps.add(w.clone());
    }
    return steps;
  }
}
