package gradus.examples.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Finding.Role;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import java.util.List;
import org.junit.jupiter.api.Test;

class FindingTextTest {
  private static final Finding FINDING =
      new Finding(
          Diagnosis.LR_TOO_HIGH,
          Role.PRIMARY,
          0.9,
          Symptom.DIVERGING,
          "The steps overshoot.",
          List.of(Evidence.of("First."), Evidence.of("word ".repeat(30).strip() + ".")),
          new Remedy("Use less.", "optimizer.setLearningRate(0.02)", "--lr 0.02"),
          2,
          99);

  @Test
  void aDiagnosisSaysWhatIsWrongHowItShowsAndWhatToType() {
    assertEquals(
        """
        Diagnosis, epoch 2: learning rate too high (critical, 90 % sure)
          what      The steps overshoot.
          seen      the loss climbs instead of falling
          evidence  First.
                    word word word word word word word word word word word word word word word word word
                    word word word word word word word word word word word word word.
          remedy    Use less.
          type      ./gradus train ... --lr 0.02
          in Java   optimizer.setLearningRate(0.02)
          about it  docs/diagnoses.md#lr-too-high
        """,
        FindingText.of(FINDING, List.of()).replace(System.lineSeparator(), "\n"));
    assertTrue(
        FindingText.of(FINDING.as(Role.MECHANISM), List.of())
            .startsWith("It brings about, epoch 2: "));
  }

  @Test
  void aNoteAndAReminderAreShort() {
    Finding note =
        Finding.note(
            Diagnosis.CLASS_IMBALANCE,
            "Few trucks.",
            new Remedy("Weigh.", null, "--balance smote"));
    assertEquals(
        "Note, before training: class imbalance? Few trucks. (--balance smote)",
        FindingText.of(note, List.of()).strip());
    assertEquals(
        "Diagnosis: learning rate too high (critical, 90 % sure): The steps overshoot. Use less."
            + System.lineSeparator()
            + "Type: ./gradus train ... --lr 0.02",
        FindingText.reminder(FINDING, List.of()).strip());
  }

  @Test
  void longLinesAreBrokenAtSpaces() {
    assertEquals(List.of("ab cd", "efghijkl", "m"), FindingText.wrapped("ab  cd efghijkl m", 6));
    assertEquals(List.of(""), FindingText.wrapped(" ", 6));
  }
}
