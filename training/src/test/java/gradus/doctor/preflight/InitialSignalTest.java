package gradus.doctor.preflight;

import static gradus.doctor.preflight.Pictures.names;
import static gradus.doctor.preflight.Pictures.note;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Residual;
import gradus.layer.Sequential;
import gradus.layer.Sigmoid;
import gradus.layer.SqueezeExcitation;
import gradus.layer.Tanh;
import gradus.loss.CrossEntropyLoss;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InitialSignalTest {
  private static final List<String> BAD = note(Diagnosis.BAD_INITIALIZATION);

  private final InitialSignal check = new InitialSignal();

  /** Convolutions and linear layers, with the same initialisation everywhere. */
  private static Layer[] net(Initializer weights, Initializer biases) {
    return new Layer[] {
      new Conv2d(8, 3).padding(1).weights(weights).bias(biases),
      new ReLU(),
      new MaxPool2d(2),
      new Conv2d(16, 3).padding(1).weights(weights).bias(biases),
      new ReLU(),
      new MaxPool2d(2),
      new Linear(32).weights(weights).bias(biases),
      new ReLU(),
      new Linear(4).weights(weights).bias(biases)
    };
  }

  private List<Finding> of(Layer... layers) {
    return Nets.examine(check, layers);
  }

  @Test
  void usualInitialisationsAreFine() {
    Initializer zeros = Initializer.zeros();
    for (Initializer usual :
        List.of(
            Initializer.kaimingNormal(),
            Initializer.kaimingUniform(),
            Initializer.xavierUniform(),
            Initializer.lecunNormal(),
            Initializer.standard())) {
      assertEquals(List.of(), of(net(usual, zeros)));
    }
    assertEquals(
        List.of(), of(new Conv2d(8, 3), new Sigmoid(), new Linear(8), new Tanh(), new Linear(4)));
  }

  @Test
  void theModelIsNotChanged() {
    try (Model model = Nets.build(new Conv2d(8, 3), new BatchNorm2d(), new ReLU(), new Linear(4))) {
      List<float[]> before = model.state().stream().map(Parameter::read).toList();
      Nets.examine(check, model, new CrossEntropyLoss(), Pictures.of(100, 1));
      for (int i = 0; i < before.size(); i++) {
        assertArrayEquals(before.get(i), model.state().get(i).read());
      }
    }
  }

  @Test
  void unitsThatAreAllAlikeAreNamed() {
    List<Finding> found = of(net(Initializer.constant(0.01f), Initializer.zeros()));
    assertEquals(BAD, names(found));
    String text = found.toString();
    assertTrue(text.contains("8 of 8 units of 0 begin with the same weights"), text);
  }

  @Test
  void anOutputOrABranchThatBeginsWithZeroIsMeantSo() {
    assertEquals(
        List.of(), of(new Linear(16), new ReLU(), new Linear(4).weights(Initializer.zeros())));
    Layer last = new Conv2d(4, 3).padding(1).weights(Initializer.zeros());
    assertEquals(
        List.of(),
        of(
            new Conv2d(4, 3),
            new Residual(new Sequential(new Conv2d(8, 3).padding(1), new ReLU(), last)),
            new ReLU(),
            new Linear(4)));
  }

  @Test
  void weightsFarTooLargeMakeTheLossBeginHigh() {
    List<Finding> found = of(net(Initializer.normal(1), Initializer.zeros()));
    assertEquals(BAD, names(found));
    assertEquals(0.75, found.get(0).confidence());
    String text = found.toString();
    assertTrue(text.contains("The loss begins at"), text);
    assertTrue(text.contains("have a standard deviation of"), text);
  }

  @Test
  void weightsFarTooSmallAreNoted() {
    assertEquals(BAD, names(of(net(Initializer.normal(0.001), Initializer.zeros()))));
  }

  @Test
  void beforeABatchNormTheScaleDoesNotMatter() {
    assertEquals(
        List.of(),
        of(
            new Conv2d(8, 3).weights(Initializer.normal(5)),
            new BatchNorm2d(),
            new ReLU(),
            new Linear(4)));
  }

  @Test
  void valuesThatVanishOverManyLayersAreNoted() {
    assertEquals(BAD, names(of(deep(0.2))));
    assertEquals(List.of(), of(deep(1)));
  }

  /** Ten layers whose weights are He's times a factor. */
  private static Layer[] deep(double factor) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int in = i == 0 ? 64 : 32;
      layers.add(
          new Linear(32)
              .weights(Initializer.normal(factor * Math.sqrt(2.0 / in)))
              .bias(Initializer.zeros()));
      layers.add(new ReLU());
    }
    layers.add(new Linear(4));
    return layers.toArray(new Layer[0]);
  }

  @Test
  void unitsThatAreDeadFromTheStartAreFoundIfTheWeightsAreUsual() {
    Layer hidden =
        new Linear(32).weights(Initializer.kaimingNormal()).bias(Initializer.constant(-9));
    List<Finding> found = of(hidden, new ReLU(), new Linear(4));
    assertEquals(1, found.size());
    assertEquals(Diagnosis.DEAD_RELU, found.get(0).diagnosis());
    assertTrue(found.get(0).isDiagnosis(), "nothing gets through: that is certain");
    assertTrue(
        found.get(0).cause().startsWith("32 of 32 units of ReLU \"1\""), found.get(0).cause());
    Layer some = new Linear(32).weights(Initializer.kaimingNormal()).bias(Initializer.constant(-1));
    assertEquals(List.of(), of(some, new ReLU(), new Linear(4)));
  }

  @Test
  void unitsThatAreSaturatedFromTheStartAreNoted() {
    Layer hidden = new Linear(32).weights(Initializer.xavierNormal()).bias(Initializer.constant(9));
    List<Finding> found = of(hidden, new Tanh(), new Linear(4));
    assertEquals(List.of("SATURATED_ACTIVATIONS"), names(found));
    assertTrue(found.get(0).cause().startsWith("32 of 32 units of Tanh"), found.get(0).cause());
    Layer some = new Linear(32).weights(Initializer.xavierNormal()).bias(Initializer.constant(1));
    assertEquals(List.of(), of(some, new Tanh(), new Linear(4)));
  }

  @Test
  void unitsInsideAGateMayBeTheSameForEveryImage() {
    try (Model model =
        Nets.build(
            new Conv2d(8, 3).padding(1).withoutBias(),
            new BatchNorm2d(),
            new ReLU(),
            new SqueezeExcitation(2),
            new Linear(4))) {
      for (Parameter parameter : model.parameters().list()) {
        if (parameter.name().equals("3.fc1.bias")) {
          parameter.write(new float[] {-9, -9}); // both units give 0 for every image
        }
        if (parameter.name().equals("3.fc2.bias")) {
          parameter.write(new float[] {9, 9, 9, 9, 9, 9, 9, 9}); // and the sigmoids 1
        }
      }
      assertEquals(
          List.of(), Nets.examine(check, model, new CrossEntropyLoss(), Pictures.of(300, 1)));
    }
  }
}
