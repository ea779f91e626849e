package gradus.weights;

import gradus.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** Named tensors in a file, in whichever format. */
interface StoredWeights extends AutoCloseable {
  /** The names of the tensors, in the file's order. */
  Set<String> names();

  /** The shape of a tensor. */
  Shape shape(String name);

  /** A tensor's values in a fresh array. */
  Weight read(String name);

  /** What its writer said beside the weights; files of PyTorch have no place for that. */
  default Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  void close();

  /**
   * Opens a file that PyTorch or a writer of safetensors made; the content tells which, whatever
   * the file is called.
   *
   * @throws gradus.GradusException naming the file, and the tensor that is wrong
   */
  static StoredWeights open(Path file) {
    byte[] beginning = beginning(file);
    return TorchFile.isOne(beginning) ? TorchFile.open(file, beginning) : SafeTensors.open(file);
  }

  private static byte[] beginning(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(TorchFile.BEGINNING_BYTES);
    } catch (IOException e) {
      return new byte[0]; // opening it will say why
    }
  }
}
