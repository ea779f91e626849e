package gradus.examples.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.layer.Model;
import gradus.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceNetworkTest {
  @TempDir Path folder;

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("Tiny.java"), text);
  }

  @Test
  void aFileIsANetwork() throws IOException {
    Path file =
        write(
            """
            package anything;
            import gradus.layer.*;
            class Tiny {
              private record Width(int channels) {}
              static Sequential create(int classes) {
                return new Sequential(new Conv2d(new Width(5).channels(), 3), new Linear(classes));
              }
            }
            """);
    SourceNetwork network = SourceNetwork.compile(file);
    assertEquals("Tiny.java", network.toString());
    assertEquals("Tiny", network.label());
    assertEquals(64, network.sha256().length());
    assertNotSame(network.create(3), network.create(3));
    try (Backend backend = Backends.named("reference");
        Model model = Model.build(backend, network.create(3, 0.5), Shape.of(1, 4, 4), 1)) {
      assertEquals(Shape.of(3), model.outputShape());
      assertEquals(5, model.parameters().named("0.weight").shape().dim(0));
      assertTrue(model.summary().toString().contains("dropout_last"));
    }
    Files.delete(file);
    network.copyTo(folder.resolve("kept"));
    assertTrue(Files.readString(folder.resolve("kept/Tiny.java")).contains("Width"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "class Tiny { | does not compile:",
        "class Other { } | declares no class Tiny",
        "class Tiny { } | no method static Layer create(int classes)",
        "class Tiny { static int create(int n) { return n; } } | no method static Layer create",
        "class Tiny { gradus.layer.Layer create(int n) { return null; } } | no method static Layer",
      })
  void whatIsNoneIsRefused(String text, String words) throws IOException {
    Path file = write(text);
    String message =
        assertThrows(GradusException.class, () -> SourceNetwork.compile(file)).getMessage();
    assertTrue(message.contains("Tiny.java") && message.contains(words), message);
  }

  @Test
  void mistakesAreToldByTheirLines() throws IOException {
    Path file = write("class Tiny {\n  int a = b;\n}\n");
    String message =
        assertThrows(GradusException.class, () -> SourceNetwork.compile(file)).getMessage();
    assertTrue(message.contains("line 2: cannot find symbol"), message);
    Path none = folder.resolve("None.java");
    assertThrows(GradusException.class, () -> SourceNetwork.compile(none));
  }

  @Test
  void whatItThrowsNamesIt() throws IOException {
    SourceNetwork network =
        SourceNetwork.compile(
            write(
                "class Tiny { static gradus.layer.Layer create(int n) { throw new RuntimeException(\"no\"); } }"));
    String message = assertThrows(GradusException.class, () -> network.create(2)).getMessage();
    assertTrue(message.contains("create(2)") && message.contains("no"), message);
  }
}
