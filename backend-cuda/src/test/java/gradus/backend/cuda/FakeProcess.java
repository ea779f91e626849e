package gradus.backend.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A Java process over the fake CUDA: a library that was once looked for, found or not, stays so for
 * the life of a process.
 *
 * @param exit its exit status
 * @param output what it printed
 */
record FakeProcess(int exit, String output) {
  /** Where the fake libraries were built. */
  static Path libraries() {
    return Path.of(System.getProperty("gradus.fake.cuda")).toAbsolutePath();
  }

  static FakeProcess run(
      Path libraries, Path work, Map<String, String> environment, String... properties)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dorg.bytedeco.javacpp.platform.linkpath=" + libraries);
    command.add("-Dorg.bytedeco.javacpp.cachedir=" + work.resolve("javacpp"));
    command.add("-Dgradus.cuda.cache=" + work.resolve("kernels"));
    command.addAll(List.of(properties));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(FakeProgram.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LD_LIBRARY_PATH", libraries.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exit = process.waitFor();
    deleteLinks(work);
    return new FakeProcess(exit, output);
  }

  /** JavaCPP leaves links to the libraries, and whoever tidies up after a test warns of each. */
  private static void deleteLinks(Path work) throws IOException {
    try (Stream<Path> files = Files.walk(work)) {
      for (Path link : files.filter(Files::isSymbolicLink).toList()) {
        Files.delete(link);
      }
    }
  }
}
