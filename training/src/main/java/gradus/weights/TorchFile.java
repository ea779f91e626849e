package gradus.weights;

import gradus.GradusException;
import gradus.tensor.Shape;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The weights in a file that PyTorch's {@code torch.save} wrote: float32, float64, float16,
 * bfloat16 and integers, as float32. Like safetensors, everything is checked against the file's
 * length when it is opened, and numbers are read from the mapped file when asked for, and must be
 * finite.
 */
final class TorchFile implements StoredWeights {
  /** So many bytes tell what a file is. */
  static final int BEGINNING_BYTES = 16;

  /** Fifty thousand tensors take so many; a pickle becomes much larger in memory. */
  static final int MAX_PICKLE_BYTES = 8 << 20;

  private final Path file;
  private final FileChannel channel;
  private final Map<String, TorchTensor> tensors;
  private final Map<String, Extent> storages = new LinkedHashMap<>();

  /** Bytes of the file. */
  record Extent(long start, long bytes) {}

  /** How a file holds a pickle and the storages it speaks of. */
  interface Container extends Closeable {
    /** The object that was saved. */
    Object root(TorchGlobals globals, String where) throws IOException;

    /** Where the numbers of a storage lie. */
    Extent find(TorchStorage storage) throws IOException;
  }

  private TorchFile(Path file, FileChannel channel, Container container) throws IOException {
    this.file = file;
    this.channel = channel;
    String where = file + ": its pickle";
    tensors = TorchStateDict.of(file, container.root(new TorchGlobals(where), where));
    for (Map.Entry<String, TorchTensor> entry : tensors.entrySet()) {
      TorchStorage storage = entry.getValue().storage();
      if (!storages.containsKey(storage.key())) {
        storages.put(storage.key(), container.find(storage));
      }
      requireTrue(entry.getKey(), entry.getValue());
    }
  }

  /** Whether a file that begins so is one of {@code torch.save}. */
  static boolean isOne(byte[] beginning) {
    return LegacyTorchFile.isOne(beginning) || isArchive(beginning);
  }

  private static boolean isArchive(byte[] beginning) {
    // A safetensors file whose header has these bytes as its length goes on with a brace.
    return beginning.length > 8
        && beginning[0] == 'P'
        && beginning[1] == 'K'
        && beginning[2] == 3
        && beginning[3] == 4
        && beginning[8] != '{';
  }

  /** Opens a file of which {@link #isOne} is true. */
  static TorchFile open(Path file, byte[] beginning) {
    try (Container container =
        isArchive(beginning) ? TorchArchive.open(file) : LegacyTorchFile.open(file)) {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      try {
        return new TorchFile(file, channel, container);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** Some bytes of a file, at an array's cost. */
  static ByteBuffer bytes(Path file, FileChannel channel, long start, int count)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, start + bytes.position()) < 0) {
        throw new GradusException(file + " became shorter while it was read; try again.");
      }
    }
    return bytes.flip();
  }

  private void requireTrue(String name, TorchTensor tensor) {
    if (tensor.fault() != null) {
      throw wrong(name, tensor.fault());
    }
    TorchStorage storage = tensor.storage();
    long there = storages.get(storage.key()).bytes();
    if (storage.elements() < 0 || storage.elements() > there / storage.format().bytes()) {
      throw wrong(
          name,
          "looks at a "
              + storage.format()
              + " of "
              + storage.elements()
              + " numbers, for which the file has "
              + there
              + " bytes; it is truncated or damaged");
    }
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public Shape shape(String name) {
    TorchTensor tensor = tensor(name);
    if (tensor.count() == 0) {
      throw wrong(name, "has the shape " + tensor.sizes() + "; every extent must be at least 1");
    }
    return Shape.of(tensor.sizes().stream().mapToInt(Math::toIntExact).toArray());
  }

  @Override
  public Weight read(String name) {
    TorchTensor tensor = tensor(name);
    Shape shape = shape(name);
    StoredType type = tensor.storage().format().type();
    if (type == null) {
      throw wrong(name, "is a " + tensor.storage().format() + ", which is not read as float32");
    }
    long start =
        storages.get(tensor.storage().key()).start() + tensor.offset() * (long) type.bytes();
    FloatBuffer values = FloatBuffer.allocate((int) shape.size());
    StoredValues stored = new StoredValues(file, channel, SafeTensors.NonFinite.REFUSE);
    try {
      if (tensor.isContiguous()) {
        stored.read(name, type, start, values.capacity(), values);
      } else {
        stored.read(name, type, start, tensor.sizes(), tensor.strides(), values);
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    return new Weight(shape, values);
  }

  private TorchTensor tensor(String name) {
    TorchTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new GradusException(
          file + " has no tensor '" + name + "'; it has " + tensors.keySet() + ".");
    }
    return tensor;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private GradusException wrong(String tensor, String problem) {
    return new GradusException(file + ": the tensor '" + tensor + "' " + problem + ".");
  }

  private static GradusException unreadable(Path file, IOException e) {
    return new GradusException("Cannot read the weight file " + file + ": " + e, e);
  }
}
