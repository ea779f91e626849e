package gradus.tensorboard;

import gradus.GradusException;
import gradus.data.image.Image;
import gradus.protobuf.ProtoMessage;
import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A file of events for <a href="https://www.tensorflow.org/tensorboard">TensorBoard</a>, which is
 * pointed at the folder: PyTorch's {@code SummaryWriter}. A slash in a tag makes a group.
 *
 * <pre>{@code
 * try (EventFile events = EventFile.create(Path.of("runs/first"))) {
 *   events.scalar("loss/train", step, loss);
 * }
 * }</pre>
 *
 * <p>What is written reaches the disk with {@link #flush}, with {@link #close}, and with the first
 * event after ten seconds. For one thread at a time.
 */
public final class EventFile implements AutoCloseable {
  /** What the names of all event files begin with. */
  public static final String PREFIX = "events.out.tfevents.";

  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final long FLUSH_NANOS = 10_000_000_000L;
  private static final int STRING_TENSOR = 7;

  private final Path file;
  private final EventRecords records;
  private long lastFlush = System.nanoTime();

  private EventFile(Path file, OutputStream out) {
    this.file = file;
    this.records = new EventRecords(out);
    write(new ProtoMessage().text(3, "brain.Event:2"), 0);
  }

  /**
   * Begins a file of a new name in a folder, which is made if need be. Files of earlier runs in it
   * stay, and TensorBoard shows them all as one run.
   *
   * @throws GradusException if it cannot be written
   */
  public static EventFile create(Path folder) {
    long seconds = System.currentTimeMillis() / 1000;
    String name =
        String.format(
            Locale.ROOT,
            "%s%010d.gradus.%d.%d",
            PREFIX,
            seconds,
            ProcessHandle.current().pid(),
            COUNTER.getAndIncrement());
    Path file = folder.resolve(name);
    try {
      Files.createDirectories(folder);
      return new EventFile(
          file,
          new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)));
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /** Where it lies. */
  public Path path() {
    return file;
  }

  /** A point of a curve; it may be NaN or infinite. */
  public EventFile scalar(String tag, long step, double value) {
    return value(step, tagged(tag).float32(2, (float) value));
  }

  /** How the numbers of an array are spread; those that are not finite are left out. */
  public EventFile histogram(String tag, long step, float... values) {
    return value(step, tagged(tag).message(5, Histogram.of(values).message()));
  }

  /** A grey or coloured picture, whose values from 0 to 1 are shown and others clamped. */
  public EventFile image(String tag, long step, Image image) {
    boolean gray = image.channels() == 1;
    if (!gray && image.channels() != 3) {
      throw new GradusException(
          "The image \""
              + tag
              + "\" has "
              + image.channels()
              + " channels, but TensorBoard shows 1 or 3.");
    }
    BufferedImage picture =
        new BufferedImage(
            image.width(),
            image.height(),
            gray ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        if (gray) { // not by its RGB value: Java would convert between colour spaces
          picture.getRaster().setSample(x, y, 0, image.level(0, y, x));
        } else {
          int rgb = image.level(0, y, x) << 16 | image.level(1, y, x) << 8 | image.level(2, y, x);
          picture.setRGB(x, y, rgb);
        }
      }
    }
    return image(tag, step, picture);
  }

  /** A picture. */
  public EventFile image(String tag, long step, BufferedImage image) {
    ProtoMessage message =
        new ProtoMessage()
            .int64(1, image.getHeight())
            .int64(2, image.getWidth())
            .int64(3, image.getColorModel().getNumComponents())
            .bytes(4, png(image));
    return value(step, tagged(tag).message(4, message));
  }

  /** A text, in which Markdown may be used. */
  public EventFile text(String tag, long step, String markdown) {
    ProtoMessage plugin = new ProtoMessage().text(1, "text");
    ProtoMessage dimension = new ProtoMessage().int64(1, 1);
    ProtoMessage tensor =
        new ProtoMessage()
            .int64(1, STRING_TENSOR)
            .message(2, new ProtoMessage().message(2, dimension))
            .bytes(8, markdown.getBytes(StandardCharsets.UTF_8));
    return value(
        step,
        tagged(tag + "/text_summary")
            .message(9, new ProtoMessage().message(1, plugin))
            .message(8, tensor));
  }

  /**
   * A run that was cut off goes on at {@code step}: what earlier files of the folder have from that
   * step on is not shown.
   */
  public EventFile restart(long step) {
    return write(new ProtoMessage().message(7, new ProtoMessage().int64(1, 1)), step);
  }

  private static ProtoMessage tagged(String tag) {
    if (tag.isBlank()) {
      throw new GradusException("A value for TensorBoard needs a tag, such as \"loss/train\".");
    }
    return new ProtoMessage().text(1, tag);
  }

  private EventFile value(long step, ProtoMessage value) {
    return write(new ProtoMessage().message(5, new ProtoMessage().message(1, value)), step);
  }

  private EventFile write(ProtoMessage what, long step) {
    ProtoMessage event =
        new ProtoMessage().float64(1, System.currentTimeMillis() * 1e-3).int64(2, step);
    try {
      records.write(event.append(what).toByteArray());
    } catch (IOException e) {
      throw unwritable(file, e);
    }
    if (System.nanoTime() - lastFlush > FLUSH_NANOS) {
      flush();
    }
    return this;
  }

  private static byte[] png(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, "png", out)) {
        throw new GradusException(
            "A picture of type " + image.getType() + " cannot be a PNG: use TYPE_INT_RGB.");
      }
    } catch (IOException e) {
      throw new GradusException("A picture cannot be turned into a PNG: " + e, e);
    }
    return bytes.toByteArray();
  }

  /** Brings everything written so far to the file. */
  public void flush() {
    try {
      records.flush();
      lastFlush = System.nanoTime();
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  @Override
  public void close() {
    try {
      records.close();
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private static GradusException unwritable(Path file, IOException e) {
    return new GradusException(
        "Cannot write " + file + " (" + e + "). Is there room, and may you write there?", e);
  }
}
