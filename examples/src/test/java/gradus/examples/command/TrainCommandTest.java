package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.data.npy.NpyArray;
import gradus.data.npy.Npz;
import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainCommandTest {
  @TempDir Path scratch;
  private Path pictures;
  private Path out;

  @BeforeEach
  void draw() throws IOException {
    pictures = TestPictures.folder(scratch, 20);
    out = scratch.resolve("run");
  }

  private Outcome train(String... more) {
    return trainTo(out, more);
  }

  private Outcome trainTo(Path folder, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--data",
                "folder",
                "--data-dir",
                pictures.toString(),
                "--image-size",
                "8",
                "--model",
                "simplecnn",
                "--batch",
                "8",
                "--epochs",
                "3",
                "--out",
                folder.toString(),
                "--backend",
                TestBackend.name()));
    arguments.addAll(List.of(more));
    return Outcome.of(arguments.toArray(new String[0]));
  }

  private static Set<String> names(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  @Test
  void leavesWeightsMetricsAndARecord() throws IOException {
    String text = train("--seed", "4").succeeded().out();
    assertTrue(text.contains("simplecnn, 5,346 parameters, on folder: 32 images to train"), text);
    assertTrue(text.contains("epoch 3/3"), text);
    assertTrue(text.contains("Test accuracy"), text);
    assertEquals(
        Set.of(
            "model.safetensors",
            "best.safetensors",
            "metrics.csv",
            "metrics.jsonl",
            "run.json",
            "vitals.json",
            "test.json",
            "pictures.json",
            "report.html",
            "checkpoints"),
        names(out));
    assertEquals(4, Files.readAllLines(out.resolve("metrics.csv")).size());

    JsonNode run = new ObjectMapper().readTree(out.resolve("run.json").toFile());
    assertEquals("simplecnn", run.at("/configuration/model").asText());
    assertEquals("folder", run.at("/configuration/data").asText());
    assertEquals(pictures.toString(), run.at("/configuration/data_dir").asText());
    assertEquals(8, run.at("/configuration/batch").asInt());
    assertEquals("sgd", run.at("/configuration/optimizer").asText());
    assertEquals(0.02, run.at("/configuration/learning_rate").asDouble());
    assertEquals(4, run.get("seed").asLong());
    assertTrue(run.get("backend").asText().startsWith(TestBackend.name()), run.toString());
    assertTrue(run.at("/versions/java").asText().startsWith(Runtime.version().toString()));
    assertEquals(32, run.at("/data/train/images").asInt());
    assertEquals(64, run.at("/data/train/sha256").asText().length());
    assertEquals(3, run.get("epochs").size());
    JsonNode last = run.get("epochs").get(2);
    for (String field :
        new String[] {
          "train_loss",
          "train_accuracy",
          "validation_loss",
          "validation_accuracy",
          "learning_rate",
          "seconds"
        }) {
      assertTrue(last.get(field).isNumber(), field + " in " + last);
    }
    assertTrue(last.get("train_loss").asDouble() < run.at("/epochs/0/train_loss").asDouble());
    assertTrue(run.get("test_accuracy").asDouble() >= 0.5, run.toString());
    assertTrue(run.get("train_images_per_second").asDouble() > 0);
    assertTrue(run.get("wall_seconds").asDouble() > 0);
    assertEquals("all epochs done", run.get("stop_reason").asText());
  }

  @Test
  void theSameSeedGivesTheSameWeightsWithAnyNumberOfWorkers() throws IOException {
    train("--workers", "0").succeeded();
    trainTo(scratch.resolve("again"), "--workers", "3").succeeded();
    trainTo(scratch.resolve("other"), "--seed", "2").succeeded();
    byte[] first = Files.readAllBytes(out.resolve("model.safetensors"));
    assertArrayEquals(first, Files.readAllBytes(scratch.resolve("again/model.safetensors")));
    assertFalse(
        java.util.Arrays.equals(
            first, Files.readAllBytes(scratch.resolve("other/model.safetensors"))));
  }

  @Test
  void severalBackendsShareEachBatch() throws IOException {
    String both = TestBackend.name() + ",reference";
    String text = trainTo(out, "--backend", both).succeeded().out();
    assertTrue(text.contains("2 devices, through the memory of the host"), text);
    JsonNode devices =
        new ObjectMapper().readTree(out.resolve("run.json").toFile()).at("/configuration/devices");
    assertEquals(2, devices.size(), devices.toString());
    Outcome.of("evaluate", "--from", out.toString(), "--backend", both)
        .failed(2, "only train", both);
    Path other = scratch.resolve("other");
    trainTo(other, "--backend", "cpu,cpu").failed(2, "one share only");
    trainTo(other, "--backend", "cpu,cpu:0").failed(2, "one share only");
    trainTo(other, "--backend", "cpu,gpu").failed(2, "--backend is gpu");
  }

  @Test
  void limitTrainsOnFewer() {
    String text = train("--limit", "10", "--epochs", "1").succeeded().out();
    assertTrue(text.contains("10 images to train"), text);
  }

  @Test
  void anotherRunIsKeptUnlessOverwritten() throws IOException {
    train("--epochs", "1").succeeded();
    byte[] weights = Files.readAllBytes(out.resolve("model.safetensors"));
    train("--epochs", "1", "--seed", "9").failed(1, "already holds a run", "--overwrite");
    assertArrayEquals(weights, Files.readAllBytes(out.resolve("model.safetensors")));
    Path unfinished = out.resolve("checkpoints/checkpoint-00002.safetensors.1.tmp");
    Files.createDirectories(unfinished.getParent());
    Files.writeString(unfinished, "what a crash left");
    train("--epochs", "2", "--overwrite").succeeded();
    assertFalse(Files.exists(unfinished));
    assertEquals(3, Files.readAllLines(out.resolve("metrics.csv")).size());
  }

  @ParameterizedTest
  @CsvSource({
    "--batch, 0, --batch is 0",
    "--epochs, 0, --epochs is 0",
    "--lr, -0.1, --lr is -0.1",
    "--lr, NaN, --lr is NaN",
    "--lr, 1e30, above 0 and below 1000000; usual is 0.02 for --optimizer sgd",
    "--learning-rate, 0.1, Here --learning-rate is called --lr.",
    "--batch_size, 16, Here --batch_size is called --batch.",
    "--lr, fast, 'fast'",
    "--momentum, 1, --momentum is 1",
    "--weight-decay, -1, --weight-decay is -1",
    "--limit, 0, --limit is 0",
    "--workers, -1, --workers is -1",
    "--threads, 0, --threads is 0",
    "--image-size, 4, --image-size is 4",
    "--optimizer, sgdd, adamw",
    "--model, vgg, deepercnn",
    "--data, imagenet, fashion-mnist",
    "--speed, 9, --speed",
  })
  void wrongOptionsAreUsageErrors(String option, String value, String message) {
    List<String> arguments =
        new ArrayList<>(List.of("train", "--out", out.toString(), option, value));
    if (!option.equals("--data")) {
      arguments.addAll(List.of("--data", "folder", "--data-dir", pictures.toString()));
    }
    Outcome.of(arguments.toArray(new String[0])).failed(2, message, "Options: gradus train --help");
    assertFalse(Files.exists(out));
  }

  @Test
  void optionsThatContradictEachOtherAreUsageErrors() {
    Outcome.of("train", "--data", "folder").failed(2, "--data-dir");
    Outcome.of("train", "--data-dir", pictures.toString()).failed(2, "--data");
    Outcome.of("train", "--image-size", "32").failed(2, "--image-size");
    train("--optimizer", "adam", "--momentum", "0.5").failed(2, "--momentum");
  }

  @Test
  void aFolderThatCannotBeWrittenToIsNamed() throws IOException {
    Path file = Files.writeString(scratch.resolve("file"), "in the way");
    Outcome outcome = trainTo(file.resolve("run")).failed(1, "--out", file + " is a file");
    assertFalse(outcome.err().contains("Exception"), outcome.err());
    assertEquals("in the way", Files.readString(file));
  }

  @Test
  void badFoldersAreExplainedAndLeaveNothing() throws IOException {
    pictures = scratch.resolve("gone");
    train().failed(1, pictures.toString());
    pictures = Files.createDirectory(scratch.resolve("empty"));
    train().failed(1, pictures.toString(), "one folder for each class");
    TestPictures.write(Files.createDirectory(pictures.resolve("only")).resolve("1.png"), true, 1);
    train().failed(1, pictures.toString(), "only");
    assertFalse(Files.exists(out));
  }

  @Test
  void aDamagedPictureIsNamedOrSkipped() throws IOException {
    for (int i = 0; i < 5; i++) { // whichever part they fall in, some are trained on
      byte[] good = Files.readAllBytes(pictures.resolve("high/" + i + ".png"));
      Files.write(
          pictures.resolve("high/" + i + ".png"), java.util.Arrays.copyOf(good, good.length / 2));
    }
    Outcome failed = train().failed(1, pictures.resolve("high").toString(), ".png");
    assertFalse(failed.err().isBlank());
    assertFalse(Files.exists(out));
    assertEquals(0, train("--skip-damaged").exitCode());
    Outcome judged =
        Outcome.of("evaluate", "--from", out.toString(), "--backend", TestBackend.name());
    assertEquals(0, judged.exitCode(), judged.err());
  }

  @Test
  void aLossThatIsNoNumberStopsTheRunWithTheRemedy() throws IOException {
    train("--lr", "100000", "--schedule", "constant", "--epochs", "20")
        .failed(1, "no longer a number", "learning rate", out.resolve("report.html").toString());
    assertTrue(Files.exists(out.resolve("report.html")));
    assertFalse(Files.exists(out.resolve("test.json")), "nothing was tested");
    JsonNode run = new ObjectMapper().readTree(out.resolve("run.json").toFile());
    assertTrue(run.get("test_accuracy").isNull());
    assertTrue(run.get("stop_reason").asText().contains("no longer a number"));
  }

  @ParameterizedTest
  @CsvSource({
    "oversample, 'crop,flip'",
    "undersample, cifar",
    "weighted-sampler, 'randaugment,noise:0.1,shift:0.2'",
    "class-weights, 'mixup,cutmix,flip'",
    "smote, none"
  })
  void augmentsAndBalances(String balance, String augment) throws IOException {
    String[] options = {"--epochs", "1", "--balance", balance, "--augment", augment};
    train(options).succeeded();
    JsonNode run = new ObjectMapper().readTree(out.resolve("run.json").toFile());
    assertEquals(balance, run.at("/configuration/balance").asText());
    int names =
        "none".equals(augment) ? 0 : "cifar".equals(augment) ? 2 : augment.split(",").length;
    assertEquals(names, run.at("/configuration/augment").size());
  }

  @Test
  void previewsAugmentationAndDoesNotTrain() throws IOException {
    Path sheet = scratch.resolve("sheet.png");
    train("--augment", "flip,cutout", "--preview-augmentation", sheet.toString()).succeeded();
    // Eight columns and rows of 8 pixels, eight times as large, with gaps of 4.
    BufferedImage image = ImageIO.read(sheet.toFile());
    assertEquals(8 * 68 + 12, image.getWidth());
    assertEquals(8 * 68 + 4, image.getHeight());
    assertFalse(Files.exists(out), "nothing was trained");
  }

  @Test
  void refusesAugmentationItDoesNotKnow() {
    train("--augment", "flop").failed(2, "no \"flop\"", "flip");
    train("--augment", "none,flip").failed(2, "leave out the rest");
    train("--augment", "rotate:200").failed(2, "rotate:200", "from 0 to 180");
    train("--preview-augmentation", "a.png").failed(2, "add --augment");
  }

  private List<String> common(Path folder, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--model",
                "simplecnn",
                "--batch",
                "8",
                "--epochs",
                "1",
                "--out",
                folder.toString(),
                "--backend",
                TestBackend.name()));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private static Outcome run(List<String> arguments) {
    return Outcome.of(arguments.toArray(new String[0]));
  }

  @Test
  void aCsvFileListsPictures() throws IOException {
    StringBuilder rows = new StringBuilder("file,label\n");
    for (String label : List.of("high", "low")) {
      for (int i = 0; i < 20; i++) {
        rows.append("pictures/").append(label).append('/').append(i).append(".png,");
        rows.append(label).append('\n');
      }
    }
    Path csv = Files.writeString(scratch.resolve("index.csv"), rows);
    String text =
        run(common(out, "--data", "csv", "--data-dir", csv.toString(), "--image-size", "8"))
            .succeeded()
            .out();
    assertTrue(text.contains("on csv: 32 images to train, 4 to validate, 4 to test"), text);
    Outcome.of("evaluate", "--from", out.toString(), "--backend", TestBackend.name()).succeeded();
    Files.writeString(csv, rows + "pictures/none.png,low\n");
    run(common(
            scratch.resolve("other"),
            "--data",
            "csv",
            "--data-dir",
            csv.toString(),
            "--image-size",
            "8"))
        .failed(1, "line 42", "none.png");
  }

  @Test
  void npzFilesAreTrainedOnWithChosenNormalisation() throws IOException {
    byte[] pixels = new byte[40 * 64];
    int[] labels = new int[40];
    for (int i = 0; i < pixels.length; i++) {
      labels[i / 64] = i / 64 % 2;
      pixels[i] = (byte) (labels[i / 64] == 0 ? i % 90 : 120 + i % 90);
    }
    Path npz = scratch.resolve("set.npz");
    Npz.write(
        npz, Map.of("images", NpyArray.of(pixels, 40, 8, 8), "labels", NpyArray.of(labels, 40)));
    run(common(out, "--data", "npz", "--data-dir", npz.toString(), "--normalize", "none"))
        .succeeded();
    JsonNode record = new ObjectMapper().readTree(out.resolve("run.json").toFile());
    assertEquals("none", record.at("/configuration/normalize").asText());
    assertEquals(16, record.at("/data/train/class_counts/0").asInt());
    assertTrue(record.at("/data/test/split").asText().startsWith("a stratified 0.1, seed 1"));
    run(common(
            scratch.resolve("other"),
            "--data",
            "npz",
            "--data-dir",
            npz.toString(),
            "--normalize",
            "imagenet"))
        .failed(1, "--normalize imagenet", "auto");
  }

  @Test
  void decodedPicturesAreKeptForTheNextRun() throws IOException {
    Path cache = scratch.resolve("cache");
    train("--cache", cache.toString()).succeeded();
    assertEquals(1, names(cache).size());
    Path other = scratch.resolve("second");
    trainTo(other, "--cache", cache.toString()).succeeded();
    assertEquals(1, names(cache).size());
    Path plain = scratch.resolve("third");
    trainTo(plain).succeeded();
    byte[] weights = Files.readAllBytes(plain.resolve("model.safetensors"));
    assertArrayEquals(weights, Files.readAllBytes(out.resolve("model.safetensors")));
    assertArrayEquals(weights, Files.readAllBytes(other.resolve("model.safetensors")));
    Outcome.of("train", "--cache", "x").failed(2, "--cache");
  }

  /** The hashes of what is judged are those of a plain run; only the training part differs. */
  @ParameterizedTest
  @CsvSource({
    "--long-tail,4,20",
    "--balance,smote,32",
    "--balance,undersample,32",
    "--balance,balanced-batches,32",
    "--class-weights,effective,32",
    "--class-weights,high=5,32",
    "--loss,focal,32",
    "--label-smoothing,0.1,32"
  })
  void balanceTouchesTheTrainingPartAlone(String option, String value, int trained)
      throws IOException {
    train("--epochs", "1").succeeded();
    Path other = scratch.resolve("other");
    trainTo(other, "--epochs", "1", option, value).succeeded();
    ObjectMapper json = new ObjectMapper();
    JsonNode plain = json.readTree(out.resolve("run.json").toFile());
    JsonNode balanced = json.readTree(other.resolve("run.json").toFile());
    for (String part : new String[] {"validation", "test"}) {
      assertEquals(plain.at("/data/" + part), balanced.at("/data/" + part), part);
    }
    assertEquals(trained, balanced.at("/data/train/images").asInt());
    String name = option.substring(2).replace('-', '_');
    assertEquals(
        value, balanced.at("/configuration/" + name).asText().replace(".0", ""), "configuration");
  }

  @Test
  void aTailAndItsRemedyGoTogether() throws IOException {
    train("--long-tail", "4", "--balance", "smote").succeeded();
    JsonNode run = new ObjectMapper().readTree(out.resolve("run.json").toFile());
    assertEquals(20, run.at("/data/train/images").asInt());
    assertEquals(4, run.at("/data/test/images").asInt());
  }

  @Test
  void lossesThatDoNotFitAreRefused() {
    train("--loss", "focal", "--augment", "mixup").failed(2, "mixup", "--loss cross-entropy");
    train("--loss", "focal", "--label-smoothing", "0.1").failed(2, "--label-smoothing");
    train("--focal-gamma", "2").failed(2, "--loss focal");
    train("--loss", "focal", "--focal-gamma", "-1").failed(2, "--focal-gamma is -1");
    train("--label-smoothing", "1").failed(2, "--label-smoothing is 1");
    train("--long-tail", "0").failed(2, "--long-tail is 0");
    train("--balance", "class-weights", "--class-weights", "inverse").failed(2, "one of them");
    train("--balance", "weighted-sampler", "--class-weights", "inverse")
        .failed(2, "--balance weighted-sampler already", "one of them");
    train("--balance", "smote", "--class-weights", "effective").failed(2, "one of them");
  }
}
