package gradus.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles what docs/from-pytorch.md says does the same here. */
class FromPyTorchPageTest {
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern JAVA = Pattern.compile("(?s)```java\\n(.*?)```");

  /** What the reader has already. */
  private static final String NAMES =
      "Model model, Layer network, Optimizer optimizer, Loss loss, Loss criterion, DataLoader train,"
          + " DataLoader validation, Dataset data, Image image, Batch batch, Pass pass, Tensor value,"
          + " Path file, float[] mean, float[] std";

  @TempDir Path scratch;

  @Test
  void everyLineCompiles() throws IOException {
    String page = Files.readString(Path.of("../docs/from-pytorch.md"));
    List<String> lines =
        page.lines()
            .filter(line -> line.startsWith("| `") || line.startsWith("| param_groups"))
            .map(line -> line.substring(line.indexOf(" | ") + 3))
            .filter(cell -> !cell.startsWith("`implements"))
            .flatMap(cell -> CODE.matcher(cell).results().map(found -> found.group(1)))
            .filter(code -> code.contains("("))
            .map(code -> code.endsWith(";") ? "{ " + code + " }" : "use(" + code + ");")
            .toList();
    assertTrue(lines.size() > 80, "only " + lines.size() + " lines");
    List<String> programs = JAVA.matcher(page).results().map(found -> found.group(1)).toList();
    String layer = programs.get(0);
    String loop = programs.get(1);
    assertTrue(layer.contains("extends Layer") && loop.contains("train.epoch"), page);
    PageSource.compile(
        scratch,
        "FromPyTorch",
        layer
            + "class FromPyTorch {\n  static void use(Object made) {}\n  void lines("
            + NAMES
            + ") {\n"
            + lines.stream().map(line -> "    " + line + "\n").collect(Collectors.joining())
            + "  }\n  void loop(Model model, DataLoader train, Optimizer optimizer, Loss criterion) {\n"
            + loop
            + "  }\n}\n");
  }
}
