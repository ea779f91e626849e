package gradus.predict;

import gradus.TestBackend;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.data.transform.Normalize;
import gradus.layer.Conv2d;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.ReLU;
import gradus.layer.Scope;
import gradus.layer.Sequential;
import gradus.tensor.Shape;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import javax.imageio.ImageIO;

/** A classifier of three classes on images of 3 x 8 x 8, whose batches can be held up. */
public final class TinyClassifier implements AutoCloseable {
  /** What it says of itself. */
  public static final ModelCard CARD =
      new ModelCard(
          "tiny",
          List.of("a", "b", "c"),
          Shape.of(3, 8, 8),
          Normalize.of(new float[] {0.4f, 0.5f, 0.6f}, new float[] {0.2f, 0.25f, 0.3f}));

  private final Backend backend = TestBackend.open();
  private final Gate gate = new Gate();
  private final Model model =
      Model.build(
          backend,
          new Sequential(gate, new Conv2d(4, 3).padding(1), new ReLU(), new Linear(3)),
          CARD.input(),
          5);
  private final Predictor predictor = Predictor.of(model, CARD);

  /** It. */
  public Predictor predictor() {
    return predictor;
  }

  /** Where it computes. */
  public Backend backend() {
    return backend;
  }

  /** From now on batches wait until {@link #release}. */
  public void hold() {
    gate.open.drainPermits();
  }

  /** Lets all batches through again. */
  public void release() {
    gate.open.release(1_000_000);
  }

  /** Waits until a batch is held up. */
  public void awaitHeld() throws InterruptedException {
    while (!gate.open.hasQueuedThreads()) {
      Thread.sleep(1);
    }
  }

  /** A picture of some rectangles. */
  public static BufferedImage picture(int width, int height, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    for (int i = 0; i < 8; i++) {
      graphics.setColor(new Color(random.nextInt(1 << 24)));
      graphics.fillRect(
          random.nextInt(width),
          random.nextInt(height),
          Math.max(1, width / 2),
          Math.max(1, height / 2));
    }
    graphics.dispose();
    return picture;
  }

  /** Its file, such as {@code png}. */
  public static byte[] file(BufferedImage picture, String format) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(picture, format, bytes)) {
        throw new IllegalArgumentException("no writer for " + format);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    release();
    predictor.close();
    model.close();
    backend.close();
  }

  private static final class Gate extends Layer {
    private final Semaphore open = new Semaphore(1_000_000);

    @Override
    protected Shape build(Scope scope, Shape input) {
      return input;
    }

    @Override
    public Tensor forward(Tensor x) {
      open.acquireUninterruptibly();
      return x;
    }
  }
}
