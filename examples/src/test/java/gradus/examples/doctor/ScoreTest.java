package gradus.examples.doctor;

import static gradus.doctor.Diagnosis.DEAD_RELU;
import static gradus.doctor.Diagnosis.LR_TOO_HIGH;
import static gradus.doctor.Diagnosis.OVERFITTING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.examples.doctor.Scenario.Twin;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScoreTest {
  private static final Scenario FAST =
      Scenario.faulty("P1", "too fast", Twin.A, () -> null, LR_TOO_HIGH, DEAD_RELU);
  private static final Scenario FINE = Scenario.healthy("H1", "fine", Twin.A, () -> null);

  private static Outcome run(Scenario scenario, long seed, long at, Diagnosis... told) {
    List<Finding> findings = new ArrayList<>();
    for (Diagnosis diagnosis : told) {
      Finding finding = Finding.certain(diagnosis, "because", Remedy.of("change it"));
      finding = finding.at(Symptom.DIVERGING, 1, at);
      findings.add(findings.isEmpty() ? finding : finding.as(Finding.Role.MECHANISM));
    }
    return new Outcome(
        scenario,
        seed,
        0.5,
        List.of(),
        false,
        100,
        100,
        1,
        42,
        findings,
        List.of(),
        told.length == 0 ? -1 : at,
        told.length * 10L,
        null);
  }

  @Test
  void aScenarioCountsByMostOfItsSeeds() {
    Score score =
        new Score(
            List.of(
                run(FAST, 1, 10, LR_TOO_HIGH, DEAD_RELU),
                run(FAST, 2, 30, DEAD_RELU),
                run(FAST, 3, 20, OVERFITTING),
                run(FAST, 4, 20, LR_TOO_HIGH, OVERFITTING),
                run(FINE, 1, 0),
                run(FINE, 2, 5, OVERFITTING)));
    assertEquals("0/1", score.strict().toString(), "two of four are not most");
    assertEquals("1/1", score.lenient().toString());
    assertEquals("1/1", score.ofSeed(1).strict().toString());
    assertEquals("0/1", score.ofSeed(2).strict().toString());
    assertEquals("0/1", score.healthyFlagged().toString());
    assertEquals("1/2", score.healthyRunsFlagged().toString());
    assertEquals("4/7 (57.1 %)", score.precision().withPercent());
    assertEquals(20, score.medianStepsToDiagnosis(), "of 10, 30 and 20");
    assertEquals("60/400 (15.0 %)", score.trialSteps(false).withPercent());
    assertEquals(LR_TOO_HIGH, Score.usual(score.byScenario().get(FAST)));
    assertEquals(2L, score.confusion().get(LR_TOO_HIGH).get(LR_TOO_HIGH));
    assertEquals(1L, score.confusion().get(null).get(null));
    assertNull(run(FINE, 1, 0).primary());
  }

  @Test
  void thePageShowsTheMatrix() {
    EvaluationPage page =
        new EvaluationPage(
            List.of(run(FAST, 1, 10, LR_TOO_HIGH), run(FINE, 1, 0)),
            List.of(run(FAST, 1, 0), run(FINE, 1, 0)));
    String text = page.markdown();
    assertTrue(text.contains("strict 1/1, lenient 1/1, detected 1/1, healthy flagged 0/1"), text);
    assertTrue(text.contains("| expected \\ told | LR_TOO_HIGH | nothing |"), text);
    assertTrue(text.contains("| P1 | too fast | LR_TOO_HIGH | 1/1 | 1/1 |"), text);
    assertTrue(text.contains("bits of the run without a doctor: 2/2"), text);
    assertTrue(page.json().contains("\"scenario\" : \"P1\""), page.json());
  }
}
