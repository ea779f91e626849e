package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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

  /** A machine that loses power may keep a file's name and length, and not its content. */
  @Test
  void kernelsThatWereDamagedAreCompiledAgain() throws Exception {
    byte[] whole = get(folder, "source", "sm_75", "13.0");
    Path file;
    try (Stream<Path> files = Files.list(folder)) {
      file = files.findFirst().orElseThrow();
    }
    byte[] kept = Files.readAllBytes(file);
    byte[] changed = kept.clone();
    changed[3] ^= 1;
    List<byte[]> damaged =
        List.of(new byte[0], new byte[kept.length], Arrays.copyOf(kept, kept.length - 1), changed);
    for (byte[] content : damaged) {
      Files.write(file, content);
      assertArrayEquals(whole, get(folder, "source", "sm_75", "13.0"));
      assertArrayEquals(kept, Files.readAllBytes(file), "put right for the next start");
    }
    assertEquals(1 + damaged.size(), compilations);
    get(folder, "source", "sm_75", "13.0");
    assertEquals(1 + damaged.size(), compilations);
  }

  @Test
  void aFolderThatCannotBeMadeCostsOnlyTime() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    get(file.resolve("cache"), "source", "sm_75", "13.0");
    get(file.resolve("cache"), "source", "sm_75", "13.0");
    assertEquals(2, compilations);
  }
}
