package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.train.LossScaling;
import gradus.train.StopReason;
import gradus.train.TrainingReport;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunWordsTest {
  private static String epochs(LossScaling scaling) {
    StringWriter out = new StringWriter();
    TrainingReport report =
        new TrainingReport(List.of(), StopReason.COMPLETED, 8, 1, 100, 0, scaling);
    new RunWords(new PrintWriter(out), null, List.of()).epochs(report, null);
    return out.toString();
  }

  @Test
  void saysWhatFloat16LeftOut() {
    String text = epochs(new LossScaling(16384, 2));
    assertTrue(text.contains("float16: 2 updates were left out"), text);
    text = epochs(new LossScaling(1, 30));
    assertTrue(text.contains("Take bf16 or fp32."), text);
  }

  @Test
  void saysNothingOfItWhereNothingWasLeftOut() {
    assertFalse(epochs(new LossScaling(65536, 0)).contains("float16"));
    assertFalse(epochs(null).contains("float16"));
  }
}
