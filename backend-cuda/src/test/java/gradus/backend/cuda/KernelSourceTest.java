package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelSourceTest {
  @TempDir Path folder;

  @Test
  void theKernelsOfTheSourceAreThoseOfTheEnum() {
    Matcher matcher =
        Pattern.compile("^GRADUS_(?:BLOCK_)?KERNEL (\\w+)\\(", Pattern.MULTILINE)
            .matcher(KernelSource.text());
    Set<String> defined = new TreeSet<>();
    while (matcher.find()) {
      assertTrue(defined.add(matcher.group(1)), matcher.group(1) + " is defined twice");
    }
    Set<String> named =
        Arrays.stream(Kernel.values()).map(Kernel::entry).collect(Collectors.toSet());
    assertEquals(new TreeSet<>(named), defined);
  }

  @Test
  void theBlockSizeIsTheOneOfTheSource() {
    assertTrue(KernelSource.text().contains("constexpr int kBlock = " + Launch.BLOCK + ";"));
  }

  /** Machine code for the architectures users have, with every warning an error. */
  @ParameterizedTest
  @ValueSource(strings = {"75", "80", "90"})
  void nvccCompilesItWithoutAWarning(String capability) throws Exception {
    Path nvcc = nvcc();
    Assumptions.assumeTrue(nvcc != null, "nvcc is not installed: no compile check by NVIDIA's own");
    Path source = Files.writeString(folder.resolve("gradus.cu"), KernelSource.text());
    Path report = folder.resolve("report.txt");
    Process process =
        new ProcessBuilder(
                nvcc.toString(),
                "-cubin",
                "-arch=sm_" + capability,
                "--std=c++17",
                "-Werror",
                "all-warnings",
                "-Xptxas",
                "-v",
                "-o",
                folder.resolve("gradus.cubin").toString(),
                source.toString())
            .redirectErrorStream(true)
            .redirectOutput(report.toFile())
            .start();
    int exit = process.waitFor();
    String words = Files.readString(report);
    assertEquals(0, exit, words);
    System.out.println("sm_" + capability + ": " + spills(words));
  }

  private static String spills(String report) {
    Matcher matcher = Pattern.compile("(\\d+) bytes spill stores").matcher(report);
    int kernels = 0;
    int spilling = 0;
    while (matcher.find()) {
      kernels++;
      spilling += matcher.group(1).equals("0") ? 0 : 1;
    }
    assertEquals(Kernel.values().length, kernels, report);
    return kernels + " kernels compiled by nvcc, " + spilling + " spill registers";
  }

  private static Path nvcc() throws IOException {
    String path = System.getenv("PATH") + ":/usr/local/cuda/bin";
    try (Stream<String> folders = List.of(path.split(":")).stream()) {
      return folders
          .map(name -> Path.of(name, "nvcc"))
          .filter(Files::isExecutable)
          .findFirst()
          .orElse(null);
    }
  }
}
