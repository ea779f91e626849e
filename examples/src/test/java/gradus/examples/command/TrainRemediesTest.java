package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.backend.Backend;
import gradus.backend.PrecisionSupport;
import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import gradus.files.Sha256;
import gradus.tensor.Precision;
import gradus.train.StepReport;
import gradus.train.TrainingListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The remedies of the loop as options of {@code train}. */
class TrainRemediesTest {
  @TempDir Path scratch;
  private Path pictures;

  @BeforeEach
  void draw() throws IOException {
    pictures = TestPictures.folder(scratch, 20);
  }

  private Outcome train(Path out, String... more) {
    return Outcome.of(arguments(out, more));
  }

  private String[] arguments(Path out, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("train", "--data", "folder", "--data-dir", pictures.toString()));
    arguments.addAll(List.of("--image-size", "8", "--model", "simplecnn", "--batch", "8"));
    arguments.addAll(List.of("--epochs", "4", "--out", out.toString()));
    arguments.addAll(List.of("--backend", TestBackend.name()));
    arguments.addAll(List.of(more));
    return arguments.toArray(new String[0]);
  }

  private static JsonNode record(Path run) throws IOException {
    return new ObjectMapper().readTree(run.resolve("run.json").toFile());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--schedule constant",
        "--schedule step --step-size 1 --gamma 0.5",
        "--schedule multi-step --milestones 1,3",
        "--schedule exponential --gamma 0.9",
        "--schedule polynomial --power 2",
        "--schedule linear --min-factor 0.1",
        "--schedule cosine --warmup 1 --min-factor 0.05",
        "--schedule cosine-restarts --step-size 1 --restart-multiplier 2",
        "--schedule one-cycle --rising 0.4",
        "--schedule triangle --start-factor 0.1",
        "--schedule cyclic --step-size 1 --min-factor 0.1",
        "--schedule inverse-sqrt --step-size 1",
        "--clip-norm 0.5 --accumulate 2",
        "--clip-value 0.01",
        "--dropout 0.5",
        "--init kaiming-normal",
        "--init xavier-uniform --model lenet --image-size 28",
        "--optimizer sgd --nesterov --l1 1e-5 --bias-lr-factor 4",
        "--optimizer adam --amsgrad --betas 0.8,0.99",
        "--optimizer adamw --weight-decay 0.1",
        "--optimizer nadam",
        "--optimizer radam",
        "--optimizer rmsprop --momentum 0.9 --centered",
        "--optimizer adadelta",
        "--optimizer adagrad",
        "--optimizer lion",
        "--optimizer lars",
        "--ema",
        "--ema 0.9",
        "--swa 3",
        "--reduce-on-plateau 0 --plateau-factor 0.5 --schedule constant",
        "--early-stopping --monitor validation-accuracy",
        "--reduce-on-plateau --monitor validation-balanced-accuracy --metrics macro-f1",
      })
  void everyRemedyTrainsToTheEnd(String options) throws IOException {
    Path out = scratch.resolve("run");
    train(out, options.split(" ", -1)).succeeded();
    JsonNode run = record(out);
    assertEquals(4, run.get("epochs").size());
    assertTrue(run.get("test_accuracy").isNumber());
  }

  @Test
  void aMetricThatIsWatchedIsInEveryFileAndDecides() throws IOException {
    Path out = scratch.resolve("run");
    String text =
        train(out, "--monitor", "validation-macro-f1", "--metrics", "macro-recall", "--ema", "0.5")
            .succeeded()
            .out();
    assertTrue(text.contains("  validation macro recall 1.0000  "), text);
    assertTrue(text.contains("  validation macro f1 1.0000  "), text);
    JsonNode run = record(out);
    assertEquals("validation-macro-f1", run.at("/configuration/monitor").asText());
    assertEquals("[\"macro-recall\"]", run.at("/configuration/metrics").toString());
    JsonNode best = run.get("epochs").get(0);
    for (JsonNode epoch : run.get("epochs")) {
      assertTrue(epoch.get("validation_macro_recall").isNumber());
      double macroF1 = epoch.get("validation_macro_f1").asDouble();
      best = macroF1 > best.get("validation_macro_f1").asDouble() ? epoch : best;
    }
    assertEquals(best, run.get("best_epoch"));
    assertEquals(best.get("epoch"), run.at("/best_weights/epoch"));
    assertTrue(
        Files.readAllLines(out.resolve("metrics.csv"))
            .get(0)
            .endsWith(",validation_macro_recall,validation_macro_f1"));
    assertTrue(Files.readString(out.resolve("report.html")).contains("validation macro f1"));
  }

  @Test
  void aMetricThatTheClassesDoNotHaveEndsTheRunBeforeItBegins() {
    Path out = scratch.resolve("run");
    train(out, "--metrics", "top-5-accuracy").failed(1, "top-5 accuracy of", "at least 6");
    assertFalse(Files.exists(out.resolve("run.json")));
  }

  @Test
  void withoutMetricsFilesAreAsEver() throws IOException {
    Path out = scratch.resolve("run");
    train(out).succeeded();
    assertTrue(
        Files.readAllLines(out.resolve("metrics.csv")).get(0).endsWith(",images_per_second"));
    assertEquals(8, record(out).get("epochs").get(0).size());
  }

  @Test
  void aRunMayBeQuietOrSpeakToPrograms() throws IOException {
    String quiet = train(scratch.resolve("quiet"), "--quiet").succeeded().out();
    assertTrue(quiet.matches("Test accuracy \\d+\\.\\d\\d %\\s+"), quiet);
    Path out = scratch.resolve("json");
    List<String> lines = train(out, "--json").succeeded().out().lines().toList();
    assertEquals(5, lines.size(), lines.toString());
    assertEquals(Files.readAllLines(out.resolve("metrics.jsonl")), lines.subList(0, 4));
    JsonNode result = new ObjectMapper().readTree(lines.get(4));
    assertEquals(record(out).get("test_accuracy"), result.get("test_accuracy"));
    assertEquals(out.toString(), result.get("run").asText());
    train(scratch.resolve("both"), "--json", "--quiet").failed(2, "exclude each other");
  }

  @Test
  void aRunCanBeWatchedInABrowser() throws IOException {
    Path out = scratch.resolve("run");
    String text = train(out, "--dashboard", "0").succeeded().out();
    assertTrue(text.contains("Watch it at http://127.0.0.1:"), text);
    assertEquals("finished", record(out).get("status").asText());
    train(out, "--dashboard", "70000").failed(2, "--dashboard is 70000", "65535");
    train(out, "--dashboard", "no.such.host.invalid:80").failed(2, "no.such.host.invalid");
  }

  @Test
  void theTestMayLookAtSeveralViews() throws IOException {
    Path out = scratch.resolve("run");
    String text = train(out, "--tta", "flip-crop").succeeded().out();
    assertTrue(text.contains("(with test-time augmentation: flip-crop, 10 views)"), text);
    assertEquals("flip-crop", record(out).at("/configuration/tta").asText());
  }

  @Test
  void schedulesAreFollowed() throws IOException {
    Path out = scratch.resolve("run");
    train(out, "--lr", "0.1", "--schedule", "step", "--step-size", "2", "--gamma", "0.5")
        .succeeded();
    List<Double> rates = new ArrayList<>();
    record(out).get("epochs").forEach(epoch -> rates.add(epoch.get("learning_rate").asDouble()));
    assertEquals(List.of(0.1, 0.1, 0.05, 0.05), rates);
  }

  @Test
  void aPlateauReducesTheRateAndSaysSo() {
    // A rate of almost nothing: no epoch is better than the first by a tenth.
    String text =
        train(
                scratch.resolve("run"),
                "--lr",
                "1e-9",
                "--schedule",
                "constant",
                "--reduce-on-plateau",
                "1",
                "--plateau-threshold",
                "0.1")
            .succeeded()
            .out();
    assertTrue(text.contains("epoch 3: the validation loss has stopped getting better"), text);
  }

  @Test
  void earlyStoppingEndsTheRunAndKeepsTheBest() throws IOException {
    Path out = scratch.resolve("run");
    String text =
        train(out, "--lr", "1e-9", "--early-stopping", "1", "--min-delta", "0.5").succeeded().out();
    assertTrue(text.contains("stopping early: the validation loss has not got better"), text);
    assertTrue(text.contains("The weights are those of epoch 1, the best."), text);
    assertEquals(2, record(out).get("epochs").size());
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void aRunGoesOnFromAnyCheckpointToTheSameBits(Precision precision) throws IOException {
    assumeAvailable(precision);
    String[] remedies = {
      "--ema",
      "0.9",
      "--reduce-on-plateau",
      "0",
      "--early-stopping",
      "3",
      "--precision",
      precision.toString()
    };
    Path whole = scratch.resolve("whole");
    train(whole, remedies).succeeded();
    Path cut = scratch.resolve("cut");
    List<String> options = new ArrayList<>(List.of(remedies));
    options.addAll(List.of("--keep", "9"));
    train(cut, options.toArray(new String[0])).succeeded();
    // What a kill in the third epoch leaves.
    Files.delete(cut.resolve("checkpoints/checkpoint-00003.safetensors"));
    Files.delete(cut.resolve("checkpoints/checkpoint-00004.safetensors"));
    Files.delete(cut.resolve("run.json"));
    options.add("--resume");
    String text = train(cut, options.toArray(new String[0])).succeeded().out();
    assertTrue(text.contains("resumed after epoch 2"), text);
    assertArrayEquals(
        Files.readAllBytes(whole.resolve("model.safetensors")),
        Files.readAllBytes(cut.resolve("model.safetensors")));
    assertEquals(4, record(cut).get("epochs").size());
    List<String> lines = Files.readAllLines(cut.resolve("metrics.csv"));
    assertEquals(5, lines.size(), "a heading, and every epoch once");
    for (int epoch = 1; epoch <= 4; epoch++) {
      assertTrue(lines.get(epoch).startsWith(epoch + ","), lines.get(epoch));
    }
  }

  private static void assumeAvailable(Precision precision) {
    try (Backend backend = TestBackend.open()) {
      PrecisionSupport support = backend.support(precision);
      assumeTrue(support.available(), support.remark());
    }
  }

  @Test
  void thePrecisionIsRecordedAndAResumedRunKeepsIt() throws IOException {
    assumeAvailable(Precision.BF16);
    Path out = scratch.resolve("run");
    String text = train(out, "--precision", "bf16").succeeded().out();
    try (Backend backend = TestBackend.open()) {
      assertTrue(text.contains(backend.support(Precision.BF16).remark()), text);
    }
    assertEquals("bf16", record(out).at("/configuration/precision").asText());
    train(out, "--resume").failed(1, "--precision was bf16 and is fp32");
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void whatTheBackendDoesNotTrainInIsRefusedWithTheRemedy(Precision precision) {
    PrecisionSupport support;
    try (Backend backend = TestBackend.open()) {
      support = backend.support(precision);
    }
    assumeFalse(support.available());
    train(scratch.resolve("run"), "--precision", precision.toString()).failed(1, support.remark());
  }

  @Test
  void float16TrainsWhereTheBackendHasIt() throws IOException {
    Path out = scratch.resolve("run");
    train(out, "--backend", "reference", "--precision", "fp16").succeeded();
    assertEquals("fp16", record(out).at("/configuration/precision").asText());
  }

  @Test
  void resumingWithoutACheckpointStartsAnew() throws IOException {
    Path out = scratch.resolve("run");
    train(out, "--resume").succeeded();
    assertEquals(4, record(out).get("epochs").size());
  }

  @Test
  void aFinishedRunWithoutCheckpointsIsNotLost() throws IOException {
    Path out = scratch.resolve("run");
    train(out, "--checkpoint-every", "0").succeeded();
    byte[] weights = Files.readAllBytes(out.resolve("model.safetensors"));
    train(out, "--resume", "--seed", "2").failed(1, "no checkpoint to go on from", "--overwrite");
    assertArrayEquals(weights, Files.readAllBytes(out.resolve("model.safetensors")));
  }

  /** As Ctrl-C does after so many steps, of which an epoch has 4. */
  private String stopAfter(int steps, Path out, String... more) {
    StringWriter said = new StringWriter();
    CommandLine line = Commands.commandLine();
    line.setOut(new PrintWriter(said, true));
    TrainCommand command = line.getSubcommands().get("train").getCommand();
    command.watch(
        trainer ->
            new TrainingListener() {
              private int done;

              @Override
              public void onStep(StepReport report) {
                done++;
                if (done == steps) {
                  trainer.stop();
                }
              }
            });
    assertEquals(0, line.execute(arguments(out, more)));
    return said.toString();
  }

  @Test
  void aRunThatWasStoppedInItsFirstEpochBeginsAnewAndSaysSo() throws IOException {
    Path whole = scratch.resolve("whole");
    train(whole).succeeded();
    Path out = scratch.resolve("run");
    String text = stopAfter(2, out);
    assertTrue(text.contains("No epoch was finished, so there is nothing to go on from."), text);
    assertTrue(text.contains("Repeat the command with --out " + out + " --resume to begin anew."));
    text = train(out, "--resume").succeeded().out();
    assertTrue(text.contains("There is no checkpoint in " + out + " to go on from"), text);
    assertEquals(record(whole).get("weights_sha256"), record(out).get("weights_sha256"));
  }

  @Test
  void aRunThatWasStoppedSaysAfterWhichEpochItGoesOn() throws IOException {
    Path out = scratch.resolve("run");
    String text = stopAfter(11, out);
    assertTrue(text.contains("--out " + out + " --resume to go on after epoch 2."), text);
    Path sparse = scratch.resolve("sparse");
    text = stopAfter(11, sparse, "--checkpoint-every", "4");
    assertTrue(text.contains("There is no checkpoint, so there is nothing to go on from."), text);
    assertTrue(text.contains("--out " + sparse + " --overwrite to begin anew."), text);
    train(sparse, "--resume").failed(1, "no checkpoint to go on from", "--overwrite");
  }

  @Test
  void aRunWhoseTimeWasUpInItsFirstEpochIsNotLost() throws IOException {
    Path out = scratch.resolve("run");
    train(out, "--time-limit", "1e-9").succeeded();
    assertEquals(0, record(out).get("epochs").size());
    train(out, "--resume").failed(1, "no checkpoint to go on from", "--overwrite");
  }

  @Test
  void aRunThatWasKilledBeforeItsFirstCheckpointStartsAnew() throws IOException {
    Path out = scratch.resolve("run");
    train(out, "--threads", "1").succeeded();
    JsonNode whole = record(out);
    Path killed = Files.createDirectory(scratch.resolve("killed"));
    Files.writeString(
        killed.resolve("run.json"),
        Files.readString(out.resolve("run.json"))
            .replaceAll("\"stop_reason\" : \"[^\"]*\"", "\"stop_reason\" : null")
            .replace("\"status\" : \"finished\"", "\"status\" : \"running\""));
    train(killed, "--threads", "1", "--resume").succeeded();
    assertEquals("finished", record(killed).get("status").asText());
    assertEquals(whole.get("weights_sha256"), record(killed).get("weights_sha256"));
  }

  @Test
  void aResumptionThatIsRefusedChangesNoFile() throws IOException {
    Path out = scratch.resolve("run");
    train(out).succeeded();
    Map<String, String> before = hashes(out);
    train(out, "--resume", "--seed", "8", "--epochs", "5").failed(1, "--seed was 1 and is 8");
    train(out, "--resume", "--ema", "--epochs", "5").failed(1, "--ema was not set and is 0.999");
    Files.copy(scratch.resolve("pictures/high/0.png"), scratch.resolve("pictures/low/more.png"));
    train(out, "--resume", "--epochs", "5").failed(1, "its training set is");
    Files.delete(scratch.resolve("pictures/low/more.png"));
    assertEquals(before, hashes(out));
    train(out, "--resume", "--epochs", "5").succeeded();
    assertEquals("finished", record(out).get("status").asText());
    assertNotEquals(before, hashes(out));
  }

  private static Map<String, String> hashes(Path run) throws IOException {
    try (Stream<Path> files = Files.walk(run)) {
      return files
          .filter(Files::isRegularFile)
          .collect(Collectors.toMap(file -> run.relativize(file).toString(), Sha256::of));
    }
  }

  @Test
  void anotherModelCannotResume() {
    Path out = scratch.resolve("run");
    train(out).succeeded();
    train(out, "--resume", "--model", "deepercnn", "--epochs", "5")
        .failed(1, "--model was simplecnn and is deepercnn", "--from " + out);
    train(out, "--resume", "--batch", "5", "--epochs", "5").failed(1, "--batch was 8 and is 5");
    train(out, "--resume", "--optimizer", "adam", "--epochs", "5")
        .failed(1, "--optimizer was sgd and is adam");
  }

  @ParameterizedTest
  @CsvSource({
    "--loss focal, --loss was cross-entropy and is focal",
    "--augment flip, --augment was none and is flip",
    "--schedule step, --schedule was cosine and is step",
    "--clip-norm 1, --clip-norm was not set and is 1.0",
    "--monitor validation-accuracy, --monitor was validation-loss and is validation-accuracy",
    "--dropout 0.5, and is 0.5",
    "--lr 0.3, --lr was 0.02 and is 0.3",
    "--class-weights inverse, --class-weights was none and is inverse",
    "--metrics macro-f1, --metrics was not set and is macro-f1",
    "--normalize none, and is none",
    "--freeze conv.*, --freeze was not set and is conv.*",
    "--limit 10, --limit was not set and is 10",
  })
  void aRunIsNotGoneOnWithInAnotherWay(String options, String message) throws IOException {
    Path out = scratch.resolve("run");
    train(out, "--epochs", "1").succeeded();
    Map<String, String> before = hashes(out);
    train(out, (options + " --epochs 2 --resume").split(" ", -1))
        .failed(1, message, "Leave them as they were", "--from " + out);
    assertEquals(before, hashes(out));
  }

  @Test
  void whatChangesNoWeightMayBeOtherwiseInAResumedRun() throws IOException {
    Path whole = scratch.resolve("whole");
    train(whole, "--doctor", "watch").succeeded();
    Path cut = scratch.resolve("cut");
    train(cut, "--doctor", "watch", "--keep", "9").succeeded();
    Files.delete(cut.resolve("checkpoints/checkpoint-00003.safetensors")); // as a kill would
    Files.delete(cut.resolve("checkpoints/checkpoint-00004.safetensors"));
    train(
            cut,
            "--resume",
            "--threads",
            "1",
            "--workers",
            "0",
            "--tta",
            "flip",
            "--doctor",
            "off",
            "--checkpoint-every",
            "2",
            "--quiet")
        .succeeded();
    assertEquals(record(whole).get("weights_sha256"), record(cut).get("weights_sha256"));
    JsonNode resumption = record(cut).at("/resumptions/0");
    assertEquals(2, resumption.get("after_epoch").asInt());
    assertEquals("none", resumption.at("/changes/tta/before").asText());
    assertEquals("flip", resumption.at("/changes/tta/after").asText());
    assertFalse(resumption.get("arguments").toString().contains("--tta"));

    Path moved = Files.createDirectory(scratch.resolve("elsewhere")).resolve("pictures");
    Files.move(pictures, moved);
    pictures = moved;
    train(cut, "--resume", "--epochs", "5").succeeded();
  }

  @Test
  void aLongerRunSaysWhereItWasGoneOnWith() throws IOException {
    Path out = scratch.resolve("run");
    train(out, "--epochs", "2").succeeded();
    assertEquals(0, record(out).get("resumptions").size());
    String text = train(out, "--epochs", "3", "--resume").succeeded().out();
    assertTrue(text.contains("Goes on with other settings: --epochs was 2 and is 3."), text);
    train(out, "--epochs", "3", "--resume").succeeded();
    train(out, "--epochs", "2", "--resume").failed(1, "--epochs was 3 and is 2");
    JsonNode resumptions = record(out).get("resumptions");
    assertEquals(2, resumptions.size());
    assertEquals(2, resumptions.at("/0/after_epoch").asInt());
    assertTrue(resumptions.at("/0/finished").asBoolean());
    assertEquals("3", resumptions.at("/0/changes/epochs/after").asText());
    assertEquals(3, resumptions.at("/1/after_epoch").asInt());
    assertEquals(0, resumptions.at("/1/changes").size());
  }

  @Test
  void overwritingRemovesCheckpointsToo() throws IOException {
    Path out = scratch.resolve("run");
    train(out).succeeded();
    train(out, "--overwrite", "--checkpoint-every", "0").succeeded();
    assertFalse(Files.exists(out.resolve("checkpoints")));
  }

  @Test
  void fineTuningTakesWhatFitsAndFreezes() throws IOException {
    Path base = scratch.resolve("base");
    train(base).succeeded();
    Path tuned = scratch.resolve("tuned");
    String text =
        train(tuned, "--from", base.toString(), "--freeze", "conv.*", "--seed", "2")
            .succeeded()
            .out();
    assertTrue(text.contains("Loaded 6 arrays of"), text);
    assertTrue(text.contains("Frozen: 4 of 6 parameters"), text);
    train(scratch.resolve("other"), "--from", base.toString(), "--model", "lenet").failed(1, "");
  }

  @ParameterizedTest
  @CsvSource({
    "--early-stopping=0, at least 1",
    "--reduce-on-plateau=-1, must not be negative",
    "--clip-norm=-1, must be above 0",
    "--dropout=1, below 1",
    "--init=zero, xavier-normal",
    "--clip-value=-1, must be above 0",
    "--nesterov --momentum=0, with a momentum",
    "--amsgrad, adam and adamw",
    "--centered, belongs to --optimizer rmsprop",
    "--l1=-1, must be from 0",
    "--bias-lr-factor=-1, must be from 0",
    "--accumulate=0, at least 1",
    "--ema=1, below 1",
    "--swa=9, the run has epochs 1 to 4",
    "--warmup=-1, above 0",
    "--gamma=2, from 0 to 1",
    "--plateau-factor=1, between 0 and 1",
    "--time-limit=0, above 0",
    "--keep=0, at least 1",
    "--checkpoint-every=-1, must not be negative",
    "--monitor=loss, validation-accuracy",
    "--monitor=f1, validation-macro-f1",
    "--metrics=validation-loss, balanced-accuracy",
    "--schedule=sine, cosine-restarts",
    "--from=nowhere, there is no such file",
    "--freeze=(, no regular expression",
    "--freeze=fc9.*, fits no parameter",
    "--freeze=.*, leaves nothing to train",
  })
  void wrongSettingsAreUsageErrors(String option, String words) {
    train(scratch.resolve("run"), option.split(" ", -1)).failed(2, words);
  }

  @Test
  void settingsThatContradictEachOtherAreUsageErrors() {
    Path out = scratch.resolve("run");
    train(out, "--ema", "--swa", "2").failed(2, "use one of them");
    train(out, "--early-stopping", "--swa", "2").failed(2, "use one of them");
    train(out, "--resume", "--overwrite").failed(2, "use one");
    train(out, "--resume", "--checkpoint-every", "0").failed(2, "needs checkpoints");
    train(out, "--optimizer", "adam", "--betas", "0.9").failed(2, "two numbers");
    train(out, "--clip-norm", "1", "--clip-value", "1").failed(2, "use one of them");
    train(out, "--milestones", "3,2").failed(2, "later than the one before");
  }
}
