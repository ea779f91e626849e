package gradus.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sha256Test {
  @TempDir Path folder;

  @Test
  void isThatOfTheStandard() throws IOException {
    Path file = Files.writeString(folder.resolve("abc"), "abc"); // FIPS 180-2, appendix B.1
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Sha256.of(file));
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    Path none = folder.resolve("none");
    GradusException e = assertThrows(GradusException.class, () -> Sha256.of(none));
    assertTrue(e.getMessage().contains(none.toString()), e.getMessage());
  }
}
