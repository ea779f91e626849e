package gradus.weights;

import gradus.GradusException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code torch.save} wrote before PyTorch 1.6, and writes still if it is asked to: pickles of
 * a magic number, a version, the machine, the object, and the keys of its storages; then for each
 * key how many numbers there are, and the numbers.
 */
final class LegacyTorchFile implements TorchFile.Container {
  /** The pickle of 0x1950a86a20f9469cfc6c. */
  private static final byte[] MAGIC = {
    (byte) 0x80,
    2,
    (byte) 0x8a,
    10,
    0x6c,
    (byte) 0xfc,
    (byte) 0x9c,
    0x46,
    (byte) 0xf9,
    0x20,
    0x6a,
    (byte) 0xa8,
    0x50,
    0x19,
    '.'
  };

  private static final long VERSION = 1001;

  private final Path file;
  private final FileChannel channel;
  private final Map<String, TorchFile.Extent> extents = new HashMap<>();

  private LegacyTorchFile(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Whether a file that begins so is of this format. */
  static boolean isOne(byte[] beginning) {
    return beginning.length >= MAGIC.length
        && Arrays.equals(beginning, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  static LegacyTorchFile open(Path file) throws IOException {
    return new LegacyTorchFile(file, FileChannel.open(file, StandardOpenOption.READ));
  }

  @Override
  public Object root(TorchGlobals globals, String where) throws IOException {
    ByteBuffer in =
        TorchFile.bytes(
            file, channel, 0, (int) Math.min(channel.size(), TorchFile.MAX_PICKLE_BYTES));
    PickleReader.read(where, in, globals); // the magic number
    if (!(PickleReader.read(where, in, globals) instanceof Long version) || version != VERSION) {
      throw new GradusException(where + " is not of version " + VERSION + ", which alone is read.");
    }
    if (!(PickleReader.read(where, in, globals) instanceof Map<?, ?> machine)
        || !Boolean.TRUE.equals(machine.get("little_endian"))) {
      throw new GradusException(
          where
              + " was written on a big-endian machine, whose numbers are not read. Load and save it"
              + " again on another.");
    }
    final Object root = PickleReader.read(where, in, globals);
    if (!(PickleReader.read(where, in, globals) instanceof List<?> keys)) {
      throw new GradusException(where + " is not followed by a list of storages: it is damaged.");
    }
    long position = in.position();
    for (Object key : keys) {
      position = locate(key, globals, position);
    }
    return root;
  }

  private long locate(Object key, TorchGlobals globals, long position) throws IOException {
    if (!(key instanceof String name) || !globals.storages().containsKey(name)) {
      throw new GradusException(
          file + " has a storage that nothing in it refers to: it is damaged.");
    }
    long start = position + Long.BYTES;
    if (start > channel.size()) {
      throw truncated(name);
    }
    long elements =
        TorchFile.bytes(file, channel, position, Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .getLong();
    int bytes = globals.storages().get(name).format().bytes();
    if (elements < 0 || elements > (channel.size() - start) / bytes) {
      throw truncated(name);
    }
    extents.put(name, new TorchFile.Extent(start, elements * bytes));
    return start + elements * bytes;
  }

  private GradusException truncated(String key) {
    return new GradusException(
        file
            + ": its storage "
            + key
            + " does not end inside the file, which has "
            + "been truncated or damaged. Copy it again.");
  }

  @Override
  public TorchFile.Extent find(TorchStorage storage) {
    TorchFile.Extent extent = extents.get(storage.key());
    if (extent == null) {
      throw new GradusException(file + " lacks the storage " + storage.key() + ": it is damaged.");
    }
    return extent;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
