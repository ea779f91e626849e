package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network in a Java file of one's own, with every command that builds one. */
class OwnNetworkTest {
  @TempDir Path scratch;

  private Outcome train(Path source, Path out, String... more) throws IOException {
    if (!Files.exists(scratch.resolve("pictures"))) {
      Files.move(TestPictures.folder(scratch, 12), scratch.resolve("pictures"));
    }
    List<String> words = new ArrayList<>(List.of("train", "--model", source.toString()));
    words.addAll(List.of("--data", "folder", "--data-dir", scratch.resolve("pictures").toString()));
    words.addAll(List.of("--image-size", "8", "--batch", "8", "--out", out.toString()));
    words.addAll(List.of("--epochs", "1", "--backend", TestBackend.name()));
    words.addAll(List.of(more));
    return Outcome.of(words.toArray(new String[0]));
  }

  private Path source(int channels) throws IOException {
    return Files.writeString(
        scratch.resolve("Tiny.java"),
        "import gradus.layer.*;\npublic class Tiny {\n  public static Layer create(int classes) {\n"
            + "    return new Sequential(new Conv2d("
            + channels
            + ", 3), new ReLU(), new Linear(classes));\n  }\n}\n");
  }

  @Test
  void whatIsTrainedWithItIsUsedWithIt() throws IOException {
    Path source = source(4);
    Path run = scratch.resolve("run");
    train(source, run).succeeded();
    JsonNode record = new ObjectMapper().readTree(run.resolve("run.json").toFile());
    assertEquals("Tiny.java", record.at("/configuration/model").asText());
    assertEquals(64, record.at("/configuration/model_sha256").asText().length());
    assertEquals(Files.readString(source), Files.readString(run.resolve("network/Tiny.java")));

    Path picture = scratch.resolve("cat.jpg");
    TestPictures.write(picture, true, 1);
    Path onnx = scratch.resolve("tiny.onnx");
    String own = source.toString();
    Outcome.of("evaluate", run.toString(), "--model", own).succeeded();
    Outcome.of("predict", run.toString(), picture.toString(), "--model", own).succeeded();
    Outcome.of("export", run.toString(), "--out", onnx.toString(), "--model", own).succeeded();
    assertTrue(Files.size(onnx) > 100);
    train(source, scratch.resolve("tuned"), "--from", run.toString()).succeeded();
    train(source, run, "--resume", "--epochs", "1").succeeded();
  }

  /** A run's files may come from anybody. */
  @Test
  void noProgramRunsBecauseAFileNamesIt() throws IOException {
    Path run = scratch.resolve("run");
    train(source(4), run).succeeded();
    Path picture = scratch.resolve("cat.jpg");
    TestPictures.write(picture, true, 1);
    String[] words = {"the network in Tiny.java", "add --model"};
    Outcome.of("evaluate", run.toString()).failed(1, words);
    Outcome.of("predict", run.toString(), picture.toString()).failed(1, words);
    Outcome.of("export", run.toString(), "--out", scratch + "/x.onnx").failed(1, words);
    Outcome.of("serve", run.toString(), "--port", "0").failed(1, words);
  }

  @Test
  void anotherRunInTheFolderLeavesNoSourceOfThisOne() throws IOException {
    Path run = scratch.resolve("run");
    train(source(4), run).succeeded();
    train(source(5), run, "--overwrite").succeeded();
    assertTrue(Files.readString(run.resolve("network/Tiny.java")).contains("Conv2d(5"));
    train(source(5), run, "--overwrite", "--model", "simplecnn").succeeded();
    assertFalse(Files.exists(run.resolve("network/Tiny.java")));
    Path own = source(4);
    Outcome.of("evaluate", run.toString(), "--model", own.toString())
        .failed(1, "does not fit the model");
  }

  @Test
  void aMistakeIsToldBeforeAnyTraining() throws IOException {
    Path wrong = Files.writeString(scratch.resolve("Tiny.java"), "class Tiny { int a = b; }");
    train(wrong, scratch.resolve("run")).failed(2, "--model", "line 1: cannot find symbol");
    assertFalse(Files.exists(scratch.resolve("run")));
    Outcome.of("train", "--model", "lenet5").failed(2, "resnet20", "FILE.java");
  }
}
