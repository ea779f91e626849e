package gradus.tensorboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.data.image.Image;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.HistogramProto;
import org.tensorflow.proto.SessionLog;
import org.tensorflow.proto.Summary;

class EventFileTest {
  @TempDir Path folder;

  // RFC 3720, B.4, and a well-known value.
  @Test
  void theReadersChecksumIsCrc32c() {
    assertEquals(0xe3069283, EventReader.crc32c("123456789".getBytes(StandardCharsets.US_ASCII)));
    assertEquals(0x8a9136aa, EventReader.crc32c(new byte[32]));
  }

  @Test
  void scalarsHaveTheirTagStepAndTime() throws IOException {
    double before = System.currentTimeMillis() * 1e-3;
    Path file;
    try (EventFile events = EventFile.create(folder.resolve("a/b"))) {
      events.scalar("loss/train", 0, 2.5).scalar("loss/train", 5_000_000_000L, Double.NaN);
      events.scalar("accuracy/train", 7, 0.1);
      file = events.path();
    }
    List<Event> read = EventReader.read(file);
    assertEquals(4, read.size());
    assertEquals("brain.Event:2", read.get(0).getFileVersion());
    for (Event event : read) {
      assertTrue(event.getWallTime() >= before, event::toString);
      assertTrue(event.getWallTime() <= System.currentTimeMillis() * 1e-3, event::toString);
    }
    assertEquals(
        Map.of(0L, 2.5f, 5_000_000_000L, Float.NaN), EventReader.curve(read, "loss/train"));
    assertEquals(Map.of(7L, 0.1f), EventReader.curve(read, "accuracy/train"));
    assertTrue(file.getFileName().toString().matches("events\\.out\\.tfevents\\.\\d{10}\\..*"));
  }

  @Test
  void histogramsCountEveryFiniteNumberOnce() throws IOException {
    float[] values = new float[1003];
    double sum = 0;
    for (int i = 0; i < 1000; i++) {
      values[i] = (float) Math.cos(i);
      sum += values[i];
    }
    values[1000] = Float.NaN;
    values[1001] = Float.POSITIVE_INFINITY;
    values[1002] = Float.NEGATIVE_INFINITY;
    HistogramProto histogram = histogram(values);
    assertEquals(1000, histogram.getNum());
    assertEquals(1, histogram.getMax());
    assertTrue(histogram.getMin() >= -1 && histogram.getMin() < -0.9999);
    assertEquals(sum, histogram.getSum(), 1e-9);
    assertEquals(500, histogram.getSumSquares(), 1);
    assertEquals(64, histogram.getBucketCount());
    double lower = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < 64; i++) {
      double upper = histogram.getBucketLimit(i);
      int expected = 0;
      for (int j = 0; j < 1000; j++) {
        boolean below = i == 63 ? values[j] <= upper : values[j] < upper;
        expected += values[j] >= lower && below ? 1 : 0;
      }
      assertEquals(expected, histogram.getBucket(i), "up to " + upper);
      lower = upper;
    }
  }

  @Test
  void histogramsOfOneValueOrNoneAreWhole() throws IOException {
    HistogramProto same = histogram(3, 3, 3);
    assertEquals(List.of(3.0), same.getBucketLimitList());
    assertEquals(List.of(3.0), same.getBucketList());
    HistogramProto nothing = histogram(Float.NaN);
    assertEquals(0, nothing.getNum());
    assertEquals(List.of(0.0), nothing.getBucketList());
    assertEquals(1, nothing.getBucketLimitCount());
  }

  private HistogramProto histogram(float... values) throws IOException {
    try (EventFile events = EventFile.create(folder)) {
      events.histogram("weights", 3, values).flush();
      return EventReader.values(EventReader.read(events.path()), "weights").get(3L).getHisto();
    }
  }

  @Test
  void imagesAreLosslessInGreyAndColour() throws IOException {
    BufferedImage drawn = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    drawn.setRGB(1, 0, 0x80123456);
    try (EventFile events = EventFile.create(folder)) {
      events.image("grey", 1, Image.ofBytes(1, 2, 3, new byte[] {0, 1, 50, 100, -56, -1}));
      events.image("colour", 1, Image.ofFloats(3, 1, 2, new float[] {1, 0, 0.2f, 0, 0, 2}));
      events.image("drawn", 1, drawn).flush();
      List<Event> read = EventReader.read(events.path());

      Summary.Image grey = EventReader.values(read, "grey").get(1L).getImage();
      assertEquals(List.of(2, 3, 1), List.of(grey.getHeight(), grey.getWidth(), colors(grey)));
      BufferedImage decoded = decode(grey);
      assertEquals(1, decoded.getRaster().getNumBands());
      assertEquals(50, decoded.getRaster().getSample(2, 0, 0));
      assertEquals(200, decoded.getRaster().getSample(1, 1, 0));

      Summary.Image colour = EventReader.values(read, "colour").get(1L).getImage();
      assertEquals(
          List.of(1, 2, 3), List.of(colour.getHeight(), colour.getWidth(), colors(colour)));
      assertEquals(0xffff3300, decode(colour).getRGB(0, 0));
      assertEquals(0xff0000ff, decode(colour).getRGB(1, 0));

      Summary.Image withAlpha = EventReader.values(read, "drawn").get(1L).getImage();
      assertEquals(4, colors(withAlpha));
      assertEquals(0x80123456, decode(withAlpha).getRGB(1, 0));
    }
  }

  private static int colors(Summary.Image image) {
    return image.getColorspace();
  }

  private static BufferedImage decode(Summary.Image image) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(image.getEncodedImageString().toByteArray()));
  }

  @Test
  void textsAreTensorsOfThePluginText() throws IOException {
    try (EventFile events = EventFile.create(folder)) {
      events.text("notes", 4, "**größer**").flush();
      Summary.Value text =
          EventReader.values(EventReader.read(events.path()), "notes/text_summary").get(4L);
      assertEquals("text", text.getMetadata().getPluginData().getPluginName());
      assertEquals(DataType.DT_STRING, text.getTensor().getDtype());
      assertEquals(1, text.getTensor().getTensorShape().getDim(0).getSize());
      assertEquals("**größer**", text.getTensor().getStringVal(0).toStringUtf8());
    }
  }

  @Test
  void aRestartIsASessionThatStarts() throws IOException {
    try (EventFile events = EventFile.create(folder)) {
      events.restart(41).flush();
      Event event = EventReader.read(events.path()).get(1);
      assertEquals(SessionLog.SessionStatus.START, event.getSessionLog().getStatus());
      assertEquals(41, event.getStep());
    }
  }

  @Test
  void twoFilesOfOneFolderHaveTwoNames() {
    try (EventFile one = EventFile.create(folder);
        EventFile two = EventFile.create(folder)) {
      assertNotEquals(one.path(), two.path());
    }
  }

  @Test
  void aPlaceThatCannotBeWrittenAndAnEmptyTagAreNamed() throws IOException {
    Path inTheWay = Files.writeString(folder.resolve("file"), "");
    String message =
        assertThrows(GradusException.class, () -> EventFile.create(inTheWay)).getMessage();
    assertTrue(message.contains(inTheWay.toString()), message);
    try (EventFile events = EventFile.create(folder)) {
      assertThrows(GradusException.class, () -> events.scalar(" ", 1, 1));
      Image two = Image.ofBytes(2, 1, 1, new byte[2]);
      assertThrows(GradusException.class, () -> events.image("two", 1, two));
    }
  }
}
