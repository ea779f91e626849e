package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import gradus.tensorboard.EventFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.Summary;

class TensorBoardChoiceTest {
  @TempDir Path scratch;
  private Path pictures;
  private Path out;

  @BeforeEach
  void draw() throws IOException {
    pictures = TestPictures.folder(scratch, 20);
    out = scratch.resolve("run");
  }

  private Outcome train(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("train", "--data", "folder", "--data-dir", pictures.toString()));
    arguments.addAll(List.of("--image-size", "8", "--model", "simplecnn", "--batch", "8"));
    arguments.addAll(List.of("--out", out.toString(), "--backend", TestBackend.name()));
    arguments.addAll(List.of(more));
    return Outcome.of(arguments.toArray(new String[0]));
  }

  private static List<Path> files(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(EventFile.PREFIX))
          .sorted()
          .toList();
    }
  }

  private static List<Event> read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Event> events = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] record = new byte[(int) bytes.getLong()];
      bytes.getInt();
      bytes.get(record);
      bytes.getInt();
      events.add(Event.parseFrom(record));
    }
    return events;
  }

  private static List<Summary.Value> values(List<Event> events, String tag) {
    return events.stream()
        .flatMap(event -> event.getSummary().getValueList().stream())
        .filter(value -> value.getTag().equals(tag))
        .toList();
  }

  @Test
  void writesTheNumbersOfMetricsCsvIntoTheRunsFolder() throws IOException {
    train("--epochs", "3", "--augment", "flip", "--tensorboard").succeeded();
    assertEquals(1, files(out).size());
    List<Event> events = read(files(out).get(0));
    List<String> lines = Files.readAllLines(out.resolve("metrics.csv"));
    String[] columns = {null, "loss/train", "accuracy/train", "loss/validation"};
    for (int column = 1; column < columns.length; column++) {
      List<Summary.Value> curve = values(events, columns[column]);
      assertEquals(3, curve.size(), columns[column]);
      for (int epoch = 1; epoch <= 3; epoch++) {
        String field = lines.get(epoch).split(",", -1)[column];
        assertEquals(Float.parseFloat(field), curve.get(epoch - 1).getSimpleValue());
      }
    }
    String settings =
        values(events, "configuration/text_summary")
            .get(0)
            .getTensor()
            .getStringVal(0)
            .toStringUtf8();
    assertTrue(settings.contains("| batch | 8 |"), settings);
    assertTrue(values(events, "training_images").get(0).getImage().getWidth() > 64);
    assertEquals(3, values(events, "parameters/conv1.weight").size());
  }

  @Test
  void anotherFolderCanBeNamedAndWithoutTheOptionThereIsNoFile() throws IOException {
    Path elsewhere = scratch.resolve("a/b");
    train("--epochs", "1", "--tensorboard=" + elsewhere).succeeded();
    assertEquals(1, files(elsewhere).size());
    assertEquals(0, files(out).size());
  }

  @Test
  void aResumedRunAddsAFileAndAnOverwrittenOneBeginsAnew() throws IOException {
    train("--epochs", "1", "--tensorboard").succeeded();
    Path first = files(out).get(0);
    train("--epochs", "2", "--tensorboard", "--resume").succeeded();
    assertEquals(2, files(out).size());
    List<Event> second = read(files(out).get(files(out).get(0).equals(first) ? 1 : 0));
    assertEquals(5, second.stream().filter(Event::hasSessionLog).findFirst().get().getStep());
    assertEquals(1, values(second, "loss/train").size());

    train("--epochs", "1", "--tensorboard", "--overwrite").succeeded();
    assertEquals(1, files(out).size());
    assertNotEquals(first, files(out).get(0));
  }
}
