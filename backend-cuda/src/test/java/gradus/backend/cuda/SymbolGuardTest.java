package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SymbolGuardTest {
  private static final Pattern CALL =
      Pattern.compile(
          "Method org/bytedeco/cuda/global/(?:cudart|cublas|cudnn|nccl|nvrtc)\\.(\\w+):");

  @Test
  void theListHoldsExactlyWhatTheCodeCalls() throws Exception {
    Set<String> listed = new TreeSet<>();
    for (String line : SymbolGuard.used()) {
      assertTrue(listed.add(line.substring(line.indexOf(' ') + 1)), line + " is listed twice");
    }
    assertEquals(called(), listed);
  }

  /** The preset functions named in this module's byte code. */
  private static Set<String> called() throws Exception {
    URI classes = CudaBackend.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    List<String> arguments = new ArrayList<>(List.of("-p", "-c"));
    try (Stream<Path> files = Files.walk(Path.of(classes))) {
      files.map(Path::toString).filter(file -> file.endsWith(".class")).forEach(arguments::add);
    }
    StringWriter out = new StringWriter();
    ToolProvider javap = ToolProvider.findFirst("javap").orElseThrow();
    PrintWriter printer = new PrintWriter(out);
    assertEquals(0, javap.run(printer, printer, arguments.toArray(String[]::new)), out.toString());
    Set<String> found = new TreeSet<>();
    Matcher matcher = CALL.matcher(out.toString());
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
