package gradus.doctor.labels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.metric.Predictions;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ConfidentLearningTest {
  @Test
  void aSmallCaseByHand() {
    Predictions p = new Predictions(2);
    p.add(0, 0.9, 0.1);
    p.add(0, 0.8, 0.2);
    p.add(0, 0.1, 0.9); // wrong
    p.add(1, 0.2, 0.8);
    p.add(1, 0.3, 0.7);
    p.add(1, 0.4, 0.6); // unsure, but rightly so
    // The thresholds are 0.6 and 0.7. Sample 5 reaches neither.
    ConfidentLearning learned = ConfidentLearning.of(p);
    assertEquals(2, learned.count(0, 0), 1e-9);
    assertEquals(1, learned.count(0, 1), 1e-9);
    assertEquals(0, learned.count(1, 0), 1e-9);
    assertEquals(3, learned.count(1, 1), 1e-9); // two counted, three labelled so
    assertEquals(1.0 / 6, learned.noise(), 1e-9);
    assertEquals(1, learned.issues().size());
    LabelIssue issue = learned.issues().get(0);
    assertEquals(2, issue.index());
    assertEquals(0, issue.given());
    assertEquals(1, issue.suggested());
    assertEquals(0.8, issue.confidence(), 1e-9);
  }

  @Test
  void wrongLabelsOfAGoodPredictorAreFoundAndTheirShareEstimated() {
    for (double share : new double[] {0, 0.1, 0.3}) {
      SplittableRandom random = new SplittableRandom(1);
      Predictions p = new Predictions(4);
      int size = 4000;
      boolean[] wrong = new boolean[size];
      for (int i = 0; i < size; i++) {
        int actual = i % 4;
        wrong[i] = random.nextDouble() < share;
        int given = wrong[i] ? (actual + 1 + random.nextInt(3)) % 4 : actual;
        double[] row = new double[4];
        double sure = 0.55 + 0.4 * random.nextDouble();
        for (int c = 0; c < 4; c++) {
          row[c] = c == actual ? sure : (1 - sure) / 3;
        }
        p.add(given, row);
      }
      ConfidentLearning learned = ConfidentLearning.of(p);
      assertEquals(share, learned.noise(), 0.03);
      List<LabelIssue> issues = learned.issues();
      long right = issues.stream().filter(issue -> wrong[issue.index()]).count();
      assertEquals(issues.size(), right); // no false ones
      int all = 0;
      for (boolean one : wrong) {
        all += one ? 1 : 0;
      }
      assertTrue(right >= 0.9 * all, right + " of " + all);
      for (int i = 1; i < issues.size(); i++) {
        assertTrue(issues.get(i - 1).confidence() >= issues.get(i).confidence());
      }
    }
  }

  @Test
  void aClassWithoutSamplesIsNeverSuggested() {
    Predictions p = new Predictions(3);
    for (int i = 0; i < 20; i++) {
      p.add(i % 2, i % 2 == 0 ? 0.5 : 0.1, i % 2 == 0 ? 0.1 : 0.5, 0.4);
    }
    assertEquals(List.of(), ConfidentLearning.of(p).issues());
  }
}
