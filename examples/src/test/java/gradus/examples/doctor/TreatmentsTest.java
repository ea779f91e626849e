package gradus.examples.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Backend;
import gradus.doctor.Diagnosis;
import gradus.examples.TestBackend;
import gradus.examples.doctor.Scenario.Twin;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TreatmentsTest {
  private final Pictures bars = Bars.pictures();

  private Scenario fault(Diagnosis diagnosis, Loop loop) {
    return Scenario.faulty(
        "X1",
        "no unit lives",
        Twin.A,
        () -> Recipe.plain(bars).network(() -> Networks.plainWithBias(-20)).loop(loop),
        diagnosis);
  }

  @Test
  void faultsOfARunThatATrainerTrainsAreTreatable() {
    assertTrue(Treatments.isTreatable(fault(Diagnosis.DEAD_RELU, Loop.TRAINER)));
    assertTrue(
        Treatments.isTreatable(
            fault(Diagnosis.LR_SCHEDULE_COLLAPSE, RateFaults.plateauPerBatch())));
    assertFalse(Treatments.isTreatable(fault(Diagnosis.DEAD_RELU, new OwnLoop())));
    assertFalse(Treatments.isTreatable(fault(Diagnosis.LABEL_NOISE, Loop.TRAINER)));
    assertFalse(
        Treatments.isTreatable(Scenario.healthy("X2", "", Twin.A, () -> Recipe.plain(bars))));
  }

  @Test
  void whatATreatmentBringsBackIsWrittenIntoThePage() {
    List<String> told = new ArrayList<>();
    try (Backend backend = TestBackend.open()) {
      Treatments measured = new Treatments(backend, List.of(2L), told::add);
      measured.measure(
          fault(Diagnosis.DEAD_RELU, Loop.TRAINER),
          Scenario.healthy("A", "twin", Twin.A, () -> Recipe.plain(bars)));
      assertTrue(told.get(0).contains("epoch 0: Treated for dead ReLU"), told::toString);
      assertTrue(measured.summary().contains("treated: 1 of 1 faults (100 %)"), measured::summary);
      assertTrue(measured.markdown().contains("| X1 | no unit lives | "), measured::markdown);
      assertEquals(measured.markdown(), measured.on(""));
      assertEquals("# Page\n\n" + measured.markdown(), measured.on("# Page\n"));
      assertEquals(measured.on("# Page"), measured.on(measured.on("# Page")), "not twice");
    }
  }
}
