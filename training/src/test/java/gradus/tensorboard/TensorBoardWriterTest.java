package gradus.tensorboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.tensor.Shape;
import gradus.train.EpochReport;
import gradus.train.StepReport;
import gradus.train.StopReason;
import gradus.train.TrainingReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.Event;

class TensorBoardWriterTest {
  @TempDir Path folder;

  private List<Event> events(int every, Consumer<TensorBoardWriter> run) throws IOException {
    try (EventFile file = EventFile.create(folder)) {
      run.accept(new TensorBoardWriter(file).every(every));
      return EventReader.read(file.path());
    }
  }

  /** Five steps: four of 10 images and one of 5. */
  private static void epoch(TensorBoardWriter writer, int epoch, double validationLoss) {
    for (int step = 1; step <= 5; step++) {
      int examples = step == 5 ? 5 : 10;
      writer.onStep(new StepReport(epoch, step, 5, examples, step, step, 0.1 * step));
    }
    double validationAccuracy = Double.isNaN(validationLoss) ? Double.NaN : 0.75;
    writer.onEpoch(
        new EpochReport(epoch, 2.5, 0.5, validationLoss, validationAccuracy, 0.5, 2, 22.5));
  }

  @Test
  void stepsAreMeansOverAWindowAndEpochsEndWithOne() throws IOException {
    List<Event> events =
        events(
            2,
            writer -> {
              writer.onStart(2);
              epoch(writer, 1, 3);
              epoch(writer, 2, 4);
            });
    assertEquals(
        Map.of(2L, 1.5f, 4L, 3.5f, 5L, 5f, 7L, 1.5f, 9L, 3.5f, 10L, 5f),
        EventReader.curve(events, "loss/step"));
    assertEquals(
        Map.of(2L, 0.15f, 4L, 0.35f, 5L, 1f, 7L, 0.15f, 9L, 0.35f, 10L, 1f),
        EventReader.curve(events, "accuracy/step"));
    assertEquals(0.4f, EventReader.curve(events, "learning_rate/step").get(9L));
    Map<Long, Float> speed = EventReader.curve(events, "images_per_second/step");
    assertEquals(Set.of(2L, 4L, 5L, 7L, 9L, 10L), speed.keySet());
    speed.values().forEach(rate -> assertTrue(rate > 0 && Float.isFinite(rate), "rate " + rate));
    assertEquals(Map.of(5L, 2.5f, 10L, 2.5f), EventReader.curve(events, "loss/train"));
    assertEquals(Map.of(5L, 3f, 10L, 4f), EventReader.curve(events, "loss/validation"));
    assertEquals(Map.of(5L, 0.5f, 10L, 0.5f), EventReader.curve(events, "accuracy/train"));
    assertEquals(Map.of(5L, 0.75f, 10L, 0.75f), EventReader.curve(events, "accuracy/validation"));
    assertEquals(Map.of(5L, 0.5f, 10L, 0.5f), EventReader.curve(events, "learning_rate/epoch"));
    assertEquals(
        Map.of(5L, 22.5f, 10L, 22.5f), EventReader.curve(events, "images_per_second/epoch"));
    assertEquals(Map.of(5L, 1f, 10L, 2f), EventReader.curve(events, "epoch"));
  }

  @Test
  void eachMetricHasACurve() throws IOException {
    EpochReport measured = new EpochReport(1, 1, 1, 1, 1, 1, 1, 1, Map.of("macro_f1", 0.625));
    List<Event> events = events(1, writer -> writer.onEpoch(measured));
    assertEquals(Map.of(0L, 0.625f), EventReader.curve(events, "macro_f1/validation"));
  }

  @Test
  void withoutValidationThereIsNoCurveOfIt() throws IOException {
    List<Event> events = events(1, writer -> epoch(writer, 1, Double.NaN));
    assertEquals(Map.of(), EventReader.curve(events, "loss/validation"));
    assertEquals(Map.of(), EventReader.curve(events, "accuracy/validation"));
    assertEquals(5, EventReader.curve(events, "loss/step").size());
    // Of the first step only the end is seen.
    assertEquals(
        Set.of(2L, 3L, 4L, 5L), EventReader.curve(events, "images_per_second/step").keySet());
  }

  @Test
  void aResumedRunGoesOnWhereItWas() throws IOException {
    EpochReport done = new EpochReport(1, 1, 1, 1, 1, 1, 1, 1);
    List<Event> events =
        events(
            10,
            writer -> {
              writer.onStart(3);
              writer.onResume(List.of(done, done));
              epoch(writer, 3, 1);
            });
    List<Long> restarts = events.stream().filter(Event::hasSessionLog).map(Event::getStep).toList();
    assertEquals(List.of(11L), restarts);
    assertEquals(Map.of(15L, 2.5f), EventReader.curve(events, "loss/train"));
  }

  @Test
  void noticesAndTheEndAreTexts() throws IOException {
    List<Event> events =
        events(
            1,
            writer -> {
              epoch(writer, 1, 1);
              writer.onNotice(1, "half the rate");
              writer.onEnd(new TrainingReport(List.of(), StopReason.EARLY_STOPPING, 5, 1, 1));
            });
    List<String> texts =
        events.stream()
            .flatMap(event -> event.getSummary().getValueList().stream())
            .filter(value -> value.getTag().equals("notices/text_summary"))
            .map(value -> value.getTensor().getStringVal(0).toStringUtf8())
            .toList();
    assertEquals(2, texts.size());
    assertEquals("Epoch 1: half the rate", texts.get(0));
    assertTrue(texts.get(1).contains(StopReason.EARLY_STOPPING.sentence()), texts.get(1));
  }

  @Test
  void aFindingIsATextWithItsRemedy() throws IOException {
    Finding finding =
        Finding.certain(
            Diagnosis.DATA_NOT_SHUFFLED,
            "Every batch has one class.",
            new Remedy("Shuffle.", "DataLoader.of(data)", "--seed 1"),
            Evidence.of("Batch 1 holds 64 images of cat."));
    List<Event> events =
        events(
            1,
            writer -> {
              epoch(writer, 1, 1);
              writer.onFinding(finding);
            });
    var text = EventReader.values(events, "diagnosis/text_summary").get(5L);
    String markdown = text.getTensor().getStringVal(0).toStringUtf8();
    assertTrue(markdown.startsWith("**" + finding.sentence() + "**"), markdown);
    assertTrue(markdown.contains("- Batch 1 holds 64 images of cat."), markdown);
    assertTrue(markdown.contains("Shuffle."), markdown);
    assertTrue(markdown.contains("`--seed 1`") && markdown.contains("`DataLoader.of(data)`"));
  }

  @Test
  void histogramsAreOfEveryParameter() throws IOException {
    try (Backend backend = TestBackend.open();
        Model model = Model.build(backend, new Linear(3), Shape.of(1, 2, 2), 1)) {
      List<Event> events =
          events(
              1,
              writer -> {
                writer.histograms(model);
                epoch(writer, 1, 1);
              });
      double sum = 0;
      for (float weight : model.parameters().named("weight").read()) {
        sum += weight;
      }
      var histogram = EventReader.values(events, "parameters/weight").get(5L).getHisto();
      assertEquals(12, histogram.getNum());
      assertEquals(sum, histogram.getSum(), 1e-9);
      assertEquals(3, EventReader.values(events, "parameters/bias").get(5L).getHisto().getNum());
    }
  }

  @Test
  void aPointNeedsAStep() throws IOException {
    try (EventFile file = EventFile.create(folder)) {
      assertThrows(GradusException.class, () -> new TensorBoardWriter(file).every(0));
    }
  }
}
