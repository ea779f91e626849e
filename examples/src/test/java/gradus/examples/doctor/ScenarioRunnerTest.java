package gradus.examples.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Backend;
import gradus.doctor.Diagnosis;
import gradus.doctor.DoctorMode;
import gradus.examples.TestBackend;
import gradus.examples.doctor.Scenario.Twin;
import gradus.layer.Exp;
import gradus.schedule.Schedule;
import gradus.train.EpochReport;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScenarioRunnerTest {
  private final Pictures bars = Bars.pictures();
  private Backend backend;
  private ScenarioRunner runner;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
    runner = new ScenarioRunner(backend);
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private Outcome diagnosed(Scenario scenario) {
    return runner.withDoctor(scenario, 1, DoctorMode.PROBE);
  }

  @Test
  void namesWhatIsWrong() {
    Scenario overflows =
        Scenario.faulty(
            "X1",
            "exponential activations",
            Twin.C,
            () -> Recipe.lenet(bars).network(() -> Networks.lenet(Exp::new, 1)),
            Diagnosis.EXPLODING_GRADIENTS,
            Diagnosis.ARCHITECTURE_DEFECT,
            Diagnosis.BAD_INITIALIZATION);
    Outcome outcome = diagnosed(overflows);
    assertTrue(outcome.nonFinite());
    assertTrue(outcome.isLenient(), () -> outcome.findings().toString());
    assertTrue(outcome.steps() < outcome.plannedSteps(), "the run ends where the loss does");

    Scenario detached =
        Scenario.faulty(
            "X2",
            "the optimizer has the parameters of a copy",
            Twin.A,
            () -> Recipe.plain(bars).optimizesCopy(),
            Diagnosis.PARAMETERS_NOT_UPDATING);
    Outcome unmoved = diagnosed(detached);
    assertTrue(unmoved.isStrict(), () -> unmoved.findings().toString());
    assertEquals(80, unmoved.plannedSteps());
    assertEquals(80, unmoved.steps());
    assertTrue(unmoved.diagnosedAt() >= 0 && unmoved.diagnosedAt() <= 80);
  }

  @Test
  void leavesAHealthyRunAlone() {
    Scenario healthy = Scenario.healthy("X3", "plain", Twin.A, () -> Recipe.plain(bars));
    Outcome outcome = diagnosed(healthy);
    assertNull(outcome.failure());
    assertEquals(List.of(), outcome.findings());
    assertTrue(outcome.accuracy() > 0.95, "accuracy " + outcome.accuracy());
    Outcome alone = runner.withoutDoctor(healthy, 1);
    assertEquals(alone.weights(), outcome.weights());
    assertEquals(alone.accuracies(), outcome.accuracies());
    assertFalse(runner.withoutDoctor(healthy, 2).weights() == alone.weights());
  }

  @Test
  void aCosineTakesThePlaceOfAConstantRateAlone() {
    Scenario constant = Scenario.healthy("X5", "plain", Twin.A, () -> Recipe.plain(bars));
    Scenario halved =
        Scenario.healthy(
            "X6",
            "half the rate",
            Twin.A,
            () -> Recipe.plain(bars).schedule(epochs -> Schedule.lambda(epoch -> 0.5)));
    Outcome cosine = runner.withoutDoctor(constant.withCosine(), 1);
    assertNotEquals(runner.withoutDoctor(constant, 1).weights(), cosine.weights());
    List<EpochReport> epochs = cosine.epochs();
    assertTrue(epochs.get(epochs.size() - 1).learningRate() < 0.01 * epochs.get(0).learningRate());
    assertEquals(
        runner.withoutDoctor(halved, 1).weights(),
        runner.withoutDoctor(halved.withCosine(), 1).weights());
  }

  @Test
  void reportsARunThatCannotBeFinished() {
    Scenario broken =
        Scenario.healthy(
            "X4",
            "a loop that throws",
            Twin.A,
            () ->
                Recipe.plain(bars)
                    .loop(
                        run -> {
                          throw new IllegalStateException("as planned");
                        }));
    Outcome outcome = runner.withoutDoctor(broken, 1);
    assertTrue(outcome.failure().contains("as planned"));
    assertFalse(outcome.isStrict());
  }
}
