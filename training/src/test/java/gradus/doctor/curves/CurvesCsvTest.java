package gradus.doctor.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.report.MetricsCsv;
import gradus.train.EpochReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurvesCsvTest {
  @TempDir Path folder;

  private Curves read(String text) throws IOException {
    Path file = folder.resolve("curves.csv");
    Files.writeString(file, text);
    return CurvesCsv.read(file, 10);
  }

  private static EpochReport epoch(
      int number, double loss, double accuracy, double valLoss, double valAccuracy, double rate) {
    return new EpochReport(
        number, loss, accuracy, valLoss, valAccuracy, rate, Double.NaN, Double.NaN);
  }

  @Test
  void itsOwnMetricsAreRead() {
    Path file = folder.resolve("metrics.csv");
    MetricsCsv metrics = new MetricsCsv(file);
    metrics.onEpoch(new EpochReport(1, 1.5, 0.25, Double.NaN, Double.NaN, 0.5, 2, 4));
    metrics.onEpoch(new EpochReport(2, 1.25, 0.5, Double.NaN, Double.NaN, 0.25, 2, 4));
    Curves curves = CurvesCsv.read(file, 10);
    assertEquals(epoch(1, 1.5, 0.25, Double.NaN, Double.NaN, 0.5), curves.epochs().get(0));
    assertEquals(2, curves.size());
    assertFalse(curves.has(EpochReport::validationLoss));
    assertEquals(Math.log(10), curves.guessing());
  }

  @Test
  void kerasCountsFromZeroAndSaysNaForWhatIsMissing() throws IOException {
    Curves curves =
        read(
            """
            epoch,accuracy,learning_rate,loss,val_accuracy,val_loss
            0,0.5,0.001,1.5,0.55,1.25
            1,0.75,0.001,0.5,NA,NA
            """);
    assertEquals(epoch(1, 1.5, 0.5, 1.25, 0.55, 0.001), curves.epochs().get(0));
    assertEquals(epoch(2, 0.5, 0.75, Double.NaN, Double.NaN, 0.001), curves.epochs().get(1));
  }

  @Test
  void aTableOfASpreadsheetHasCommasInItsNumbersAndUnitsInItsHeading() throws IOException {
    Curves curves =
        read(
            """
            Epoch;Train Loss;Val Loss;Train Acc (%)
            1;2,30;2,5;11,0
            2;1,25;2,0;50
            """);
    assertEquals(epoch(1, 2.3, 0.11, 2.5, Double.NaN, Double.NaN), curves.epochs().get(0));
    assertEquals(0.5, curves.epochs().get(1).trainAccuracy());
    assertThrows(GradusException.class, () -> read("epoch;loss\n1;1,234,567\n"));
  }

  @Test
  void whatIsNoTableIsNamed() throws IOException {
    assertMessage("is empty", assertThrows(GradusException.class, () -> read("")));
    Path file = folder.resolve("picture.csv");
    Files.write(file, new byte[] {(byte) 0x89, 'P', 'N', 'G', '\n', (byte) 0xff});
    assertMessage(
        "picture.csv is not text in UTF-8",
        assertThrows(GradusException.class, () -> CurvesCsv.read(file, 10)));
    Path later = folder.resolve("later.csv");
    Files.write(later, new byte[] {'l', 'o', 's', 's', '\n', '1', '\n', (byte) 0xff, '\n'});
    assertMessage(
        "later.csv is not text in UTF-8",
        assertThrows(GradusException.class, () -> CurvesCsv.read(later, 10)));
  }

  private static void assertMessage(String part, GradusException thrown) {
    assertTrue(thrown.getMessage().contains(part), thrown.getMessage());
  }

  @Test
  void lightningWritesSeveralRowsOfAnEpoch() throws IOException {
    Curves curves =
        read(
            """
            epoch,lr-SGD,step,test_acc,train_loss_epoch,train_loss_step,val_acc,val_loss
            ,0.1,0,,,,,
            0,,49,,,2.1,,
            0,,99,,,1.9,,
            0,,99,,,,0.5,1.5
            0,,99,,2.0,,,
            ,0.05,100,,,,,
            1,0.05,199,,,,0.625,1.25
            1,,199,,1.0,,,
            2,,200,0.6,,,,
            """);
    assertEquals(2, curves.size(), "a row of the test is no epoch");
    EpochReport first = curves.epochs().get(0);
    assertEquals(2.0, first.trainLoss(), "the epoch's, not the last step's");
    assertEquals(0.5, first.validationAccuracy());
    assertEquals(epoch(2, 1.0, Double.NaN, 1.25, 0.625, 0.05), curves.epochs().get(1));
  }

  @Test
  void fastaisAccuracyIsThatOfTheValidation() throws IOException {
    Curves curves = read("epoch,train_loss,valid_loss,accuracy,time\n0,1.5,1.25,0.5,00:07\n");
    assertEquals(epoch(1, 1.5, Double.NaN, 1.25, 0.5, Double.NaN), curves.epochs().get(0));
  }

  @Test
  void spacesSemicolonsCapitalsAndPercentAreRead() throws IOException {
    Curves curves = read("\ufeffEpoch; Train Loss; Train/Acc; Val-Loss\n1; 1.5; 25; 1.75\n");
    assertEquals(epoch(1, 1.5, 0.25, 1.75, Double.NaN, Double.NaN), curves.epochs().get(0));
    assertEquals(2, read("loss\n1.5\n1.25\n").epochs().get(1).epoch(), "a row is an epoch");
  }

  /** As Keras does with append=True, and whoever goes on with a run that was cut off. */
  @Test
  void ofRunsThatWereAppendedTheLastCounts() throws IOException {
    Curves anew = read("epoch,loss\n0,2.5\n1,2\n2,1.5\n0,1.25\n1,1\n");
    assertEquals(List.of(1.25, 1.0), anew.epochs().stream().map(EpochReport::trainLoss).toList());
    assertEquals(1, anew.restarts());
    assertTrue(CurveReader.read(anew).untold().get(0).contains("begin again"));
    Curves resumed = read("epoch,loss\n0,2.5\n1,2\n2,1.5\n1,1.75\n2,1.25\n3,1\n");
    assertEquals(
        List.of(2.5, 1.75, 1.25, 1.0),
        resumed.epochs().stream().map(EpochReport::trainLoss).toList());
    Curves apart = read("epoch,loss,val_loss\n0,2.5,\n1,2,\n0,,2.75\n1,,2.25\n");
    assertEquals(epoch(1, 2.5, Double.NaN, 2.75, Double.NaN, Double.NaN), apart.epochs().get(0));
    assertEquals(0, apart.restarts(), "the validation follows in rows of its own");
  }

  @Test
  void anEpochThatIsNoNumberIsNamed() {
    assertMessage(
        "line 3, column 1: the epoch is \"nan\"",
        assertThrows(GradusException.class, () -> read("epoch,loss\n0,2\nnan,1\n")));
  }

  @Test
  void aLossThatIsNoNumberEndsTheCurves() throws IOException {
    Curves curves = read("epoch,loss\n0,2.5\n1,nan\n2,nan\n");
    assertEquals(1, curves.size());
    assertEquals(2, curves.nonFiniteEpoch());
    assertEquals(3, curves.plannedEpochs());
    assertEquals(1, read("epoch,loss\n0,inf\n").nonFiniteEpoch());
  }

  @Test
  void whatIsNoTableOfCurvesIsRefusedWithTheReason() throws IOException {
    for (List<String> bad :
        List.of(
            List.of("name,age\nx,3\n", "no column with a loss", "name,age"),
            List.of("epoch,loss\n", "no epoch"),
            List.of("epoch,loss\n0,1.5\n1,high\n", "line 3, column 2", "\"high\" is no number"),
            List.of("", "no column with a loss"))) {
      String message = assertThrows(GradusException.class, () -> read(bad.get(0))).getMessage();
      for (String part : bad.subList(1, bad.size())) {
        assertTrue(message.contains(part), message);
      }
    }
  }
}
