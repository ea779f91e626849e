package gradus.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** Java that stands on a page for people, compiled as a reader would. */
final class PageSource {
  /** A reader's editor adds them. */
  private static final String IMPORTS =
      Stream.of(
              "java.nio.file",
              "java.util",
              "gradus.autograd",
              "gradus.autograd.op",
              "gradus.backend",
              "gradus.data",
              "gradus.data.image",
              "gradus.data.transform",
              "gradus.examples.net",
              "gradus.layer",
              "gradus.loss",
              "gradus.metric",
              "gradus.onnx",
              "gradus.optim",
              "gradus.predict",
              "gradus.schedule",
              "gradus.tensor",
              "gradus.train",
              "gradus.weights")
          .map(name -> "import " + name + ".*;\n")
          .collect(Collectors.joining());

  private PageSource() {}

  /** Compiles the class of this name into a folder. */
  static void compile(Path folder, String name, String source) throws IOException {
    Path file = folder.resolve(name + ".java");
    Files.writeString(file, IMPORTS + source);
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                errors,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                file.toString());
    assertEquals(0, result, errors.toString(StandardCharsets.UTF_8));
  }
}
