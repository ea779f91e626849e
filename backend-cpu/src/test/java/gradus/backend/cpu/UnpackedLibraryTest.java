package gradus.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import gradus.kernels.Kernels;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/**
 * JavaCPP unpacks a library again when the jar's has another time or size than the one it unpacked
 * before. Libraries of two builds in one process would end it.
 */
class UnpackedLibraryTest {
  @Test
  void theTimesInTheJarAreThoseOfTheBuild() throws IOException {
    URL own = Kernels.class.getResource("Kernels.class");
    assumeTrue(own.getProtocol().equals("jar"), "nothing is unpacked from a folder");
    try (JarFile jar = ((JarURLConnection) own.openConnection()).getJarFile()) {
      long times =
          jar.stream()
              .filter(entry -> !entry.isDirectory())
              .mapToLong(ZipEntry::getTime)
              .distinct()
              .count();
      assertTrue(times > 1, "one time for all entries, whenever they were built");
    }
  }
}
