package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiagnoseCommandTest {
  @TempDir Path folder;

  private Path csv(String name, String heading, int epochs, String row) throws IOException {
    StringBuilder text = new StringBuilder(heading).append('\n');
    for (int e = 1; e <= epochs; e++) {
      double train = 2.3 * Math.exp(-0.2 * e);
      double validation = e <= 6 ? 1.6 - 0.1 * e : 1 + 0.06 * (e - 6);
      text.append(
          String.format(
              Locale.ROOT,
              row + "%n",
              e - 1,
              train,
              validation,
              1 - train / 2.5,
              Math.min(0.62, 0.3 + 0.06 * e)));
    }
    Path file = folder.resolve(name);
    Files.writeString(file, text);
    return file;
  }

  @Test
  void curvesOfKerasThatOverfitAreExplained() throws IOException {
    Path file =
        csv("log.csv", "epoch,loss,val_loss,accuracy,val_accuracy", 20, "%d,%.4f,%.4f,%.4f,%.4f");
    String text = Outcome.of("diagnose", file.toString(), "--classes", "10").succeeded().out();
    assertTrue(text.contains("20 of 20 epochs"), text);
    assertTrue(text.contains("overfitting (major, 75 % sure)"), text);
    assertTrue(text.contains("--early-stopping 10"), text);
    assertTrue(text.contains("What these curves do not tell:"), text);
    assertTrue(text.contains("There is no learning rate"), text);
    assertFalse(text.contains("--classes N"), text);
  }

  @Test
  void programsGetAnObject() throws IOException {
    Path file = csv("log.csv", "epoch,loss,val_loss,acc,val_acc", 20, "%d,%.4f,%.4f,%.4f,%.4f");
    JsonNode json =
        new ObjectMapper()
            .readTree(Outcome.of("diagnose", file.toString(), "--json").succeeded().out());
    assertEquals("curves", json.get("source").asText());
    assertEquals("OVERFITTING", json.at("/findings/0/diagnosis").asText());
    assertEquals(20, json.at("/findings/0/evidence/0/chart/lines/0/x").size());
    assertTrue(json.get("untold").size() >= 2, json.toString());
  }

  @Test
  void curvesThatGoWellGetNoFinding() throws IOException {
    Path file = folder.resolve("good.csv");
    Files.writeString(
        file,
        """
        epoch,train_loss,val_loss,train_acc,val_acc,lr
        1,0.40,0.15,0.88,0.955,0.05
        2,0.13,0.10,0.96,0.97,0.05
        3,0.09,0.08,0.972,0.975,0.05
        4,0.07,0.07,0.978,0.978,0.05
        5,0.06,0.07,0.981,0.979,0.05
        6,0.05,0.065,0.984,0.98,0.05
        """);
    String text = Outcome.of("diagnose", file.toString()).succeeded().out();
    assertTrue(text.contains("No finding: the curves look like those of a run that goes well."));
    assertFalse(text.contains("Diagnosis"), text);
  }

  /** A killed run may have left no record, but it has its metrics. */
  @Test
  void aFolderWithMetricsAloneIsRead() throws IOException {
    Files.writeString(
        folder.resolve("metrics.csv"),
        """
        epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,learning_rate
        1,2.3100,0.10,2.31,0.10,0.5
        2,2.3150,0.10,2.31,0.10,0.5
        3,2.3090,0.10,2.31,0.10,0.5
        """);
    String text = Outcome.of("diagnose", folder.toString(), "--classes", "10").succeeded().out();
    assertTrue(text.contains("the loss stays where guessing would be"), text);
    assertTrue(text.contains("learning rate too high (critical, 50 % sure)"), text);
    assertTrue(text.contains("./gradus train ... --lr 0.05"), text);
  }

  @Test
  void oneEpochIsNotCalledGood() throws IOException {
    Path file = folder.resolve("one.csv");
    Files.writeString(file, "epoch,loss\n1,2.30\n");
    String text = Outcome.of("diagnose", file.toString(), "--classes", "10").succeeded().out();
    assertTrue(text.contains("No finding, but so few epochs could not show much."), text);
    assertFalse(text.contains("goes well"), text);
  }

  @Test
  void whatIsNoRunIsNamed() throws IOException {
    Outcome.of("diagnose", folder.resolve("none").toString()).failed(1, "none does not exist");
    Outcome.of("diagnose", folder.toString()).failed(1, "neither run.json nor metrics.csv");
    Path file = folder.resolve("a.csv");
    Files.writeString(file, "a,b\n1,2\n");
    Outcome.of("diagnose", file.toString()).failed(1, "a.csv has no column with a loss");
    Outcome.of("diagnose", file.toString(), "--classes", "1").failed(2, "at least 2");
    Outcome.of("diagnose").failed(2, "RUN");
  }
}
