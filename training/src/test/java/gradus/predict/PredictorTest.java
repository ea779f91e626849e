package gradus.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.data.image.ColorMode;
import gradus.data.image.Image;
import gradus.data.image.ImageDecoder;
import gradus.data.image.UnreadableImageException;
import gradus.data.transform.FitImage;
import gradus.data.transform.Normalize;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictorTest {
  private static final Shape INPUT = Shape.of(3, 8, 8);
  private static final Normalize NORMALIZE =
      Normalize.of(new float[] {0.4f, 0.5f, 0.6f}, new float[] {0.2f, 0.25f, 0.3f});
  private static final ModelCard CARD =
      new ModelCard("tiny", List.of("a", "b", "c"), INPUT, NORMALIZE);

  @TempDir Path scratch;
  private Backend backend;
  private Model model;
  private Predictor predictor;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
    model = Model.build(backend, network(3), INPUT, 5);
    predictor = Predictor.of(model, CARD);
  }

  @AfterEach
  void close() {
    predictor.close();
    model.close();
    assertEquals(0, backend.pool().lent());
    backend.pool().trim();
    assertEquals(0, backend.memory().liveBytes());
    backend.close();
  }

  private static Layer network(int classes) {
    return new Sequential(
        new Conv2d(4, 3).padding(1),
        new BatchNorm2d(),
        new ReLU(),
        new Dropout(0.5),
        new Linear(classes));
  }

  private static BufferedImage picture(int width, int height, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    for (int i = 0; i < 8; i++) {
      graphics.setColor(new Color(random.nextInt(1 << 24)));
      graphics.fillRect(random.nextInt(width), random.nextInt(height), width / 2, height / 2);
    }
    graphics.dispose();
    return picture;
  }

  private static byte[] png(BufferedImage picture) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(picture, "png", bytes));
    return bytes.toByteArray();
  }

  /** What the layers themselves say of one picture, written out. */
  private double[] expected(byte[] file) {
    Image image =
        new FitImage(8, 8)
            .apply(new ImageDecoder(ColorMode.RGB).decode(file), new SplittableRandom());
    float[] values = new float[3 * 8 * 8];
    NORMALIZE.write(image, values, 0);
    float[] logits;
    try (Pass pass = Pass.evaluating(backend)) {
      Batch batch = new Batch(INPUT.withBatch(1), FloatBuffer.wrap(values), null);
      logits = model.forward(pass.images(batch)).toArray();
    }
    double[] exponentials = new double[logits.length];
    for (int c = 0; c < logits.length; c++) {
      exponentials[c] = Math.exp(logits[c]);
    }
    double sum = Arrays.stream(exponentials).sum();
    return Arrays.stream(exponentials).map(e -> e / sum).toArray();
  }

  private static double[] probabilities(Prediction prediction) {
    return prediction.probabilities().stream().mapToDouble(ClassProbability::probability).toArray();
  }

  @Test
  void everyWayInGivesTheModelsProbabilities() throws IOException {
    BufferedImage picture = picture(20, 13, 1);
    byte[] content = png(picture);
    Path file = Files.write(scratch.resolve("x.png"), content);
    double[] wanted = expected(content);
    assertArrayEquals(wanted, probabilities(predictor.predict(content)), 1e-6);
    assertArrayEquals(wanted, probabilities(predictor.predict(file)), 1e-6);
    assertArrayEquals(wanted, probabilities(predictor.predict(picture)), 1e-6);
    Image image = new ImageDecoder(ColorMode.RGB).decode(file);
    assertArrayEquals(wanted, probabilities(predictor.predict(image)), 1e-6);
  }

  @Test
  void namesTheMostProbableClass() {
    Prediction prediction = predictor.predict(picture(8, 8, 2));
    double[] all = probabilities(prediction);
    List<ClassProbability> top = prediction.top(2);
    assertEquals(2, top.size());
    assertEquals(prediction.label(), top.get(0).label());
    assertEquals(Arrays.stream(all).max().orElseThrow(), prediction.probability());
    assertEquals(prediction.probability(), all[prediction.classNumber()]);
    assertTrue(top.get(0).probability() >= top.get(1).probability());
    assertEquals(3, prediction.top(10).size());
    assertEquals(1, Arrays.stream(all).sum(), 1e-6);
  }

  @Test
  void manyAreTheSameAsEach() throws IOException {
    List<Image> images = new ArrayList<>();
    List<double[]> wanted = new ArrayList<>();
    for (int i = 0; i < 21; i++) {
      byte[] content = png(picture(8 + i, 30 - i, i));
      images.add(predictor.read(content));
      wanted.add(expected(content));
    }
    for (int batchSize : new int[] {1, 6, 64}) {
      List<Prediction> predictions = predictor.batchSize(batchSize).predict(images);
      assertEquals(21, predictions.size());
      for (int i = 0; i < 21; i++) {
        assertArrayEquals(wanted.get(i), probabilities(predictions.get(i)), 1e-5, "image " + i);
      }
    }
    assertEquals(List.of(), predictor.predict(List.of()));
  }

  @Test
  void memoryStaysFlatWhateverTheNumberOfImages() {
    List<Image> images = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      images.add(Image.ofBytes(3, 8, 8, new byte[192]));
    }
    for (int n : new int[] {1, 2, 4, 8, 16}) {
      predictor.predict(images.subList(0, n));
    }
    long live = backend.memory().liveBytes();
    for (int n = 1; n <= 16; n++) {
      predictor.predict(images.subList(0, n));
    }
    assertEquals(live, backend.memory().liveBytes());
  }

  @Test
  void threadsShareIt() throws Exception {
    List<byte[]> contents = new ArrayList<>();
    List<double[]> wanted = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      contents.add(png(picture(15 + i, 12, i)));
      wanted.add(expected(contents.get(i)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Future<?>> tasks = new ArrayList<>();
      for (int t = 0; t < 6; t++) {
        int mine = t;
        tasks.add(
            threads.submit(
                () -> {
                  for (int k = 0; k < 25; k++) {
                    double[] given = probabilities(predictor.predict(contents.get(mine)));
                    assertArrayEquals(wanted.get(mine), given, 1e-6);
                  }
                }));
      }
      for (Future<?> task : tasks) {
        task.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whatIsNoPictureIsRefusedWithTheReason() throws IOException {
    assertEquals(
        UnreadableImageException.Reason.NOT_AN_IMAGE,
        assertThrows(
                UnreadableImageException.class,
                () ->
                    predictor.predict(
                        "no picture".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
            .reason());
    byte[] whole = png(picture(40, 40, 3));
    assertEquals(
        UnreadableImageException.Reason.DAMAGED,
        assertThrows(
                UnreadableImageException.class,
                () -> predictor.predict(Arrays.copyOf(whole, whole.length / 2)))
            .reason());
    predictor.maxPixels(1599);
    UnreadableImageException large =
        assertThrows(UnreadableImageException.class, () -> predictor.predict(whole));
    assertEquals(UnreadableImageException.Reason.TOO_LARGE, large.reason());
    assertTrue(large.getMessage().contains("40 x 40 pixels; at most 1599"), large.getMessage());
    predictor.maxPixels(1600).predict(whole);
    GradusException channels =
        assertThrows(
            GradusException.class, () -> predictor.predict(Image.ofBytes(1, 8, 8, new byte[64])));
    assertTrue(channels.getMessage().contains("3 channels, but the image has 1"));
  }

  @Test
  void aVeryLongPictureCostsNoMoreThanItShows() {
    byte[] pixels = new byte[3 * 2_000_000];
    Arrays.fill(pixels, 1_000_000 - 40, 1_000_000 + 40, (byte) 200); // red, at the middle
    Prediction thin = predictor.predict(Image.ofBytes(3, 1, 2_000_000, pixels));
    byte[] small = new byte[3 * 64];
    Arrays.fill(small, 0, 64, (byte) 200);
    assertArrayEquals(
        probabilities(predictor.predict(Image.ofBytes(3, 8, 8, small))), probabilities(thin), 1e-6);
  }

  @Test
  void aClosedOneSaysSo() {
    predictor.close();
    predictor.close();
    IllegalStateException closed =
        assertThrows(IllegalStateException.class, () -> predictor.predict(picture(8, 8, 1)));
    assertTrue(closed.getMessage().contains("closed"));
  }

  @Test
  void aCardOfAnotherModelIsNotSaved() {
    ModelCard other = new ModelCard("tiny", List.of("a", "b"), INPUT, NORMALIZE);
    Path file = scratch.resolve(ModelCard.WEIGHTS);
    assertThrows(GradusException.class, () -> other.save(model, file));
    assertFalse(Files.exists(file));
  }

  @Test
  void opensWhatWasSaved() throws IOException {
    CARD.save(model, scratch.resolve(ModelCard.WEIGHTS));
    byte[] content = png(picture(9, 9, 4));
    double[] wanted = expected(content);
    List<String> asked = new ArrayList<>();
    NetworkFactory networks =
        (name, classes) -> {
          asked.add(name + " " + classes);
          return network(classes);
        };
    long before = backend.memory().liveBytes();
    try (Predictor opened = Predictor.open(scratch, networks, backend)) {
      assertArrayEquals(wanted, probabilities(opened.predict(content)), 1e-6);
      assertEquals(CARD.classes(), opened.card().classes());
    }
    backend.pool().trim();
    assertTrue(backend.memory().liveBytes() <= before, "the model is given back");
    assertEquals(List.of("tiny 3"), asked);
    NetworkFactory another = (name, classes) -> new Linear(classes);
    assertThrows(GradusException.class, () -> Predictor.open(scratch, another, backend));
    backend.pool().trim();
    assertTrue(backend.memory().liveBytes() <= before, "and where the network is another one");
  }

  @Test
  void aCardThatDoesNotDescribeTheModelIsRefused() {
    List<String> two = List.of("a", "b");
    ModelCard names = new ModelCard("tiny", two, INPUT, NORMALIZE);
    assertTrue(
        assertThrows(GradusException.class, () -> Predictor.of(model, names))
            .getMessage()
            .contains("2 classes"));
    ModelCard size = new ModelCard("tiny", CARD.classes(), Shape.of(3, 9, 8), NORMALIZE);
    assertThrows(GradusException.class, () -> Predictor.of(model, size));
    ModelCard gray = new ModelCard("tiny", CARD.classes(), INPUT, Normalize.MNIST);
    assertThrows(GradusException.class, () -> Predictor.of(model, gray));
  }

  @Test
  void weightsThatAreNotFiniteAreNoProbabilities() {
    Parameter bias = model.state().get(model.state().size() - 1);
    bias.write(new float[] {0, Float.NaN, 0});
    GradusException diverged =
        assertThrows(GradusException.class, () -> predictor.predict(picture(8, 8, 1)));
    assertTrue(diverged.getMessage().contains("not finite"), diverged.getMessage());
  }
}
