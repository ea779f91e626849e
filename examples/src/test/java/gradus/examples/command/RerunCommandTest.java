package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import gradus.report.RecordedRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RerunCommandTest {
  @TempDir Path scratch;

  @Test
  void aRunIsRepeatedToTheBitOrTheDifferenceIsNamed() throws IOException {
    Path pictures = TestPictures.folder(scratch, 20);
    Path options =
        Files.writeString(
            scratch.resolve("options.txt"),
            "--data folder --image-size 8 --model simplecnn --batch 8 --epochs 2 --augment flip");
    Path run = scratch.resolve("run");
    Outcome.of(
            "train",
            "@" + options,
            "--data-dir",
            pictures.toString(),
            "--threads",
            "1",
            "--backend",
            TestBackend.name(),
            "--overwrite",
            "--out",
            run.toString())
        .succeeded();
    Files.writeString(options, "what the run was started with is recorded, not this");

    String text = Outcome.of("rerun", run.toString()).succeeded().out();
    Path again = scratch.resolve("run-rerun");
    String hash = RecordedRun.read(run).weights();
    assertTrue(text.contains("The same bits: the weights of both have the SHA-256 " + hash), text);
    assertArrayEquals(
        Files.readAllBytes(run.resolve(SavedModel.FILE)),
        Files.readAllBytes(again.resolve(SavedModel.FILE)));

    Path record = again.resolve(RecordedRun.RECORD);
    Files.writeString(
        record, Files.readString(record).replace("\"--batch\", \"8\"", "\"--batch\", \"7\""));
    Outcome other = Outcome.of("rerun", again.toString(), "--out", scratch.resolve("b").toString());
    assertEquals(1, other.exitCode(), other.err());
    assertTrue(other.out().contains("Not the same bits"), other.out());
    assertTrue(other.out().contains("What differs: batch: 8 | 7"), other.out());

    Files.write(run.resolve(SavedModel.FILE), new byte[] {1, 2, 3});
    Outcome.of("rerun", run.toString()).failed(1, "not what the run left there");
  }

  private void train(Path run, String... more) throws IOException {
    if (!Files.exists(scratch.resolve("pictures"))) {
      TestPictures.folder(scratch, 20);
    }
    List<String> arguments = new ArrayList<>(List.of("train", "--data", "folder", "--data-dir"));
    arguments.addAll(List.of(scratch.resolve("pictures").toString(), "--image-size", "8"));
    arguments.addAll(List.of("--model", "simplecnn", "--batch", "8", "--threads", "1"));
    arguments.addAll(List.of("--keep", "9", "--backend", TestBackend.name()));
    arguments.addAll(List.of("--out", run.toString()));
    arguments.addAll(List.of(more));
    Outcome.of(arguments.toArray(new String[0])).succeeded();
  }

  /** As a kill after the first epoch leaves it. */
  private static void cutOff(Path run) throws IOException {
    Files.delete(run.resolve("checkpoints/checkpoint-00002.safetensors"));
  }

  @Test
  void aRunThatWasCutOffAndGoneOnWithIsRepeatedAtOnce() throws IOException {
    Path run = scratch.resolve("run");
    train(run, "--epochs", "2");
    cutOff(run);
    train(run, "--epochs", "2", "--resume", "--workers", "0");
    String text = Outcome.of("rerun", run.toString()).succeeded().out();
    assertTrue(text.contains("The same bits"), text);
    assertEquals(2, text.split("Again: ", -1).length, text);

    Path record = run.resolve(RecordedRun.RECORD); // as if it had begun elsewhere
    Files.writeString(
        record,
        Files.readString(record)
            .replace(
                "\"changes\" : {",
                "\"changes\" : {\"backend\": {\"before\": \"cuda\", \"after\": \"cpu\"},")
            .replace("\"--batch\", \"8\"", "\"--batch\", \"7\""));
    Outcome other = Outcome.of("rerun", run.toString());
    assertEquals(1, other.exitCode(), other.err());
    assertTrue(other.out().contains("epoch 1 of the first: backend: cuda | cpu"), other.out());
    assertFalse(other.out().contains("defect"), other.out());
  }

  @Test
  void aRunThatWasTrainedForLongerIsRepeatedInItsParts() throws IOException {
    Path run = scratch.resolve("run");
    train(run, "--epochs", "2");
    train(run, "--epochs", "3", "--resume");
    String text = Outcome.of("rerun", run.toString()).succeeded().out();
    assertTrue(text.contains("The same bits"), text);
    assertEquals(3, text.split("Again: ", -1).length, text);
    String compared =
        Outcome.of("compare", run.toString(), scratch.resolve("run-rerun").toString())
            .succeeded()
            .out();
    assertTrue(compared.matches("(?s).*resumed after epoch +2 +2\n.*"), compared);
  }

  @Test
  void aRunThatWasCutOffAndTrainedForLongerIsNotRepeated() throws IOException {
    Path run = scratch.resolve("run");
    train(run, "--epochs", "2");
    cutOff(run);
    train(run, "--epochs", "3", "--resume");
    Outcome.of("rerun", run.toString())
        .failed(
            1, "cut off after epoch 1", "--epochs was 2 and is 3", "no command lines repeat it");
  }

  @Test
  void onlyFinishedRunsOfThisVersionAreRepeated() throws IOException {
    Outcome.of("rerun", scratch.toString()).failed(1, "no run.json");
    Path record = scratch.resolve(RecordedRun.RECORD);
    String old =
        "{\"started\": \"2026-01-02T03:04:05Z\", \"configuration\": {}, \"epochs\": [], %s}";
    Files.writeString(record, old.formatted("\"test_accuracy\": 0.5"));
    Outcome.of("rerun", scratch.toString()).failed(1, "did not record its command line");
    Files.writeString(record, old.formatted("\"status\": \"interrupted\""));
    Outcome.of("rerun", scratch.toString()).failed(1, "is interrupted", "--resume");
  }
}
