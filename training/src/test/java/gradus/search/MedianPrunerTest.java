package gradus.search;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.train.EpochReport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MedianPrunerTest {
  private static List<EpochReport> curve(double... accuracies) {
    List<EpochReport> epochs = new ArrayList<>();
    for (double accuracy : accuracies) {
      epochs.add(FakeTraining.epoch(epochs.size() + 1, accuracy));
    }
    return epochs;
  }

  private static final List<List<EpochReport>> OTHERS =
      List.of(curve(0.2, 0.9), curve(0.4, 0.3), curve(0.6), curve(Double.NaN, Double.NaN));

  @Test
  void stopsWhatIsWorseThanTheMedianOfAsManyEpochs() {
    MedianPruner pruner = new MedianPruner(1, 3);
    // After one epoch the others had NaN, 0.2, 0.4, 0.6: the lower median is 0.2.
    assertTrue(pruner.isWorse(curve(0.1), OTHERS, EpochReport.BY_VALIDATION));
    assertFalse(pruner.isWorse(curve(0.2), OTHERS, EpochReport.BY_VALIDATION));
    assertTrue(pruner.isWorse(curve(Double.NaN), OTHERS, EpochReport.BY_VALIDATION));
    // After two, with the best so far of each: NaN, 0.4, 0.9.
    assertTrue(pruner.isWorse(curve(0.1, 0.3), OTHERS, EpochReport.BY_VALIDATION));
    assertFalse(
        pruner.isWorse(curve(0.5, 0.1), OTHERS, EpochReport.BY_VALIDATION), "it has been better");
  }

  @Test
  void waitsForEpochsAndForOthers() {
    assertFalse(new MedianPruner(2, 3).isWorse(curve(0.1), OTHERS, EpochReport.BY_VALIDATION));
    assertFalse(new MedianPruner(1, 5).isWorse(curve(0.1), OTHERS, EpochReport.BY_VALIDATION));
    assertFalse(
        new MedianPruner(1, 3).isWorse(curve(0, 0, 0), OTHERS, EpochReport.BY_VALIDATION),
        "none came as far");
    assertThrows(GradusException.class, () -> new MedianPruner(0, 1));
    assertThrows(GradusException.class, () -> new MedianPruner(1, 0));
  }
}
