package gradus.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.layer.Flatten;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.AdamW;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of one layer and one sampled step; the histories around it never were. */
class DecayPullTest {
  private static final double RATE = 0.5;
  private static final double GUESSING = Math.log(10);

  private Backend backend;
  private Model model;
  private Vitals vitals;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
    model =
        Model.build(backend, new Sequential(new Flatten(), new Linear(3)), Shape.of(2, 1, 1), 1);
    vitals = new Vitals(model);
  }

  @AfterEach
  void close() {
    vitals.close();
    model.close();
    backend.close();
  }

  private void stepOf(Optimizer optimizer) {
    try (optimizer;
        Pass pass = Pass.training(backend, 0)) {
      Batch batch =
          new Batch(
              Shape.of(1, 2, 1, 1),
              FloatBuffer.wrap(new float[] {1, 2}),
              IntBuffer.wrap(new int[1]));
      Tensor logits = model.forward(pass.images(batch));
      pass.backward(new CrossEntropyLoss().apply(logits, pass.labels(batch)));
      vitals.gradientsReady();
      optimizer.step();
      vitals.stepDone();
    }
  }

  private void stepOfSgd() {
    stepOf(SGD.of(model.parameters()).learningRate(RATE).build());
  }

  private SyntheticHistory history(String optimizer) {
    return SyntheticHistory.healthy()
        .loss(p -> 0.3 * GUESSING)
        .rate(p -> p <= 0.1 ? RATE : 0.001)
        .sampled(vitals, optimizer);
  }

  /** The decay that pulls so many times as hard as the data in the step that was sampled. */
  private double decayFor(double pull) {
    return pull * vitals.gradientRms(0, 0) / vitals.weightRms(0, 0);
  }

  private DecayPull pull(String optimizer, double decay) {
    return new DecayPull(history(optimizer).decay(decay).build());
  }

  @Test
  void isTheSizeOfTheDecayNextToTheGradient() {
    stepOfSgd();
    assertEquals(0.3, pull("SGD", decayFor(0.3)).median(), 1e-9);
    assertEquals(0, pull("SGD", 0).median());
  }

  @Test
  void decoupledItIsAPartOfTheChange() {
    stepOf(AdamW.of(model.parameters()).learningRate(RATE).weightDecay(0).build());
    double decay = 0.3 * vitals.updateRatio(0, 0) / RATE;
    double pull = pull("AdamW", decay).median();
    assertEquals(0.3, pull, 1e-6, "by the rate of that step, whatever came of it since");
  }

  @Test
  void anL1PenaltyAddsItsStrength() {
    stepOfSgd();
    double l1 = 0.2 * vitals.gradientRms(0, 0);
    SyntheticHistory both = history("SGD").decay(decayFor(0.3)).l1(l1);
    assertEquals(0.5, new DecayPull(both.build()).median(), 1e-9);
    assertEquals(0.2, new DecayPull(history("SGD").l1(l1).build()).median(), 1e-9);
  }

  @Test
  void nothingSampledPullsAtNothing() {
    assertEquals(0, pull("SGD", 1).median());
    assertEquals(0, new DecayPull(SyntheticHistory.healthy().decay(1).build()).median());
  }

  @Test
  void holdsARunBackThatHasMuchToLearn() {
    stepOfSgd();
    SyntheticHistory much = history("SGD").decay(decayFor(0.25));
    assertEquals(
        "it pulls 0.25 times as hard as the data, where 0.01 is usual, at a training loss of 0.6908",
        Symptoms.of(much.build()).get(Symptom.HELD_BACK));
    assertTrue(new DecayPull(much.build()).isStrong());
    assertFalse(pull("SGD", decayFor(0.15)).isStrong());
    assertEquals(Map.of(), Symptoms.of(history("SGD").decay(decayFor(0.15)).build()));
    SyntheticHistory little = history("SGD").decay(decayFor(0.25)).loss(p -> 0.1 * GUESSING);
    assertEquals(Map.of(), Symptoms.of(little.build()));
    SyntheticHistory young = history("SGD").decay(decayFor(0.25)).until(0.15);
    assertEquals(Map.of(), Symptoms.of(young.build()));
  }
}
