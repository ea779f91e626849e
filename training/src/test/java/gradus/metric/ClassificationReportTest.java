package gradus.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import org.junit.jupiter.api.Test;

class ClassificationReportTest {
  @Test
  void hasAllNumbersOfTheFixture() {
    ClassificationReport report = ClassificationReport.of(Fixture.threeClasses());
    assertEquals(0.5, report.get("accuracy"));
    assertEquals((2 / 3.0 + 1 / 2.0 + 0) / 3, report.get("balanced_accuracy"), 1e-14);
    assertEquals((2 / 3.0 + 1 / 2.0 + 0) / 3, report.get("macro_f1"), 1e-14);
    assertEquals(2 / 11.0, report.get("cohen_kappa"), 1e-14);
    assertEquals(2 / 11.0, report.get("matthews_corrcoef"), 1e-14);
    assertEquals(587 / 720.0, report.get("roc_auc_ovr_macro"), 1e-14);
    assertEquals(19 / 24.0, report.get("roc_auc_ovo_macro"), 1e-14);
    assertEquals(13 / 16.0, report.classes().get(1).rocAuc(), 1e-14);
    assertEquals(3, report.classes().get(0).scores().support());
  }

  @Test
  void anAbsentClassLeavesItsCurvesUndefinedAndTheRestDefined() {
    Predictions predictions = new Predictions(3);
    predictions.add(0, 0.5, 0.25, 0.25);
    predictions.add(1, 0.25, 0.5, 0.25);
    ClassificationReport report = ClassificationReport.of(predictions);
    assertTrue(Double.isNaN(report.get("roc_auc_ovr_macro")));
    assertTrue(Double.isNaN(report.classes().get(2).rocAuc()));
    assertEquals(1, report.classes().get(0).rocAuc());
    assertEquals(1, report.get("macro_f1"));
  }

  @Test
  void nothingIsRefused() {
    Predictions none = new Predictions(3);
    String message =
        assertThrows(GradusException.class, () -> ClassificationReport.of(none)).getMessage();
    assertTrue(message.contains("before any example"), message);
  }
}
