package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelCacheTest {
  @TempDir Path folder;

  private int compilations;

  private byte[] get(Path cache, String source, String options, String compiler) {
    return new KernelCache(cache)
        .get(
            source,
            List.of(options),
            compiler,
            () -> {
              compilations++;
              return (source + options + compiler)
                  .getBytes(java.nio.charset.StandardCharsets.UTF_8);
            });
  }

  @Test
  void theSameSourceIsCompiledOnce() throws Exception {
    Path cache = folder.resolve("a/b");
    byte[] first = get(cache, "source", "sm_75", "13.0");
    assertArrayEquals(first, get(cache, "source", "sm_75", "13.0"));
    assertEquals(1, compilations);
    try (Stream<Path> files = Files.list(cache)) {
      assertEquals(1, files.count(), "nothing unfinished is left");
    }
  }

  @Test
  void anotherSourceDeviceOrCompilerIsCompiledAnew() {
    get(folder, "source", "sm_75", "13.0");
    get(folder, "source2", "sm_75", "13.0");
    get(folder, "source", "sm_80", "13.0");
    get(folder, "source", "sm_75", "13.1");
    assertEquals(4, compilations);
  }

  @Test
  void aFolderThatCannotBeMadeCostsOnlyTime() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    get(file.resolve("cache"), "source", "sm_75", "13.0");
    get(file.resolve("cache"), "source", "sm_75", "13.0");
    assertEquals(2, compilations);
  }
}
