package gradus.weights;

import gradus.GradusException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * The zip archive of {@code torch.save}: in one folder a pickle {@code data.pkl}, the numbers of
 * each storage as {@code data/KEY}, and in what order their bytes are. Nothing in it is compressed,
 * so that storages can be read where they lie.
 */
final class TorchArchive implements TorchFile.Container {
  private static final String PICKLE = "data.pkl";

  private final Path file;
  private final FileChannel channel;
  private final ZipFile zip;
  private final String root;

  private TorchArchive(Path file, FileChannel channel, ZipFile zip, String root) {
    this.file = file;
    this.channel = channel;
    this.zip = zip;
    this.root = root;
  }

  static TorchArchive open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      ZipFile zip = contents(file, channel);
      TorchArchive archive = new TorchArchive(file, channel, zip, root(file, zip));
      archive.requireWeights();
      return archive;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static ZipFile contents(Path file, FileChannel channel) {
    try {
      return ZipFile.builder()
          .setSeekableByteChannel(channel)
          .setIgnoreLocalFileHeader(true) // many may share one, which would be read for each
          .get();
    } catch (IOException | IllegalArgumentException e) {
      throw new GradusException(
          file
              + " begins like a file of torch.save, but its table of contents, at the end, cannot"
              + " be read: it is truncated or damaged. Copy it again.",
          e);
    }
  }

  private void requireWeights() throws IOException {
    if (zip.getEntry(root + "constants.pkl") != null) {
      throw new GradusException(
          file
              + " is a TorchScript archive, a program with its weights. Take the weights out in"
              + " Python: torch.save(torch.jit.load(FILE).state_dict(), NEW_FILE).");
    }
    if (zip.getEntry(root + "byteorder") != null
        && !StandardCharsets.US_ASCII
            .decode(content("byteorder", 16))
            .toString()
            .equals("little")) {
      throw new GradusException(
          file
              + " was written on a big-endian machine, whose numbers are not read. Load and save it"
              + " again on another.");
    }
  }

  /** The folder that everything is in. */
  private static String root(Path file, ZipFile zip) {
    for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
      String name = entry.getName();
      if (name.endsWith("/" + PICKLE) && name.indexOf('/') == name.lastIndexOf('/')) {
        return name.substring(0, name.length() - PICKLE.length());
      }
    }
    throw new GradusException(
        file
            + " is a zip archive without a data.pkl, so torch.save did not write it. Weights are"
            + " read from there and from safetensors files.");
  }

  @Override
  public Object root(TorchGlobals globals, String where) throws IOException {
    return PickleReader.read(where, content(PICKLE, TorchFile.MAX_PICKLE_BYTES), globals);
  }

  private ByteBuffer content(String name, int limit) throws IOException {
    TorchFile.Extent extent = find(name);
    if (extent.bytes() > limit) {
      throw new GradusException(
          file
              + ": "
              + name
              + " has "
              + extent.bytes()
              + " bytes, but at most "
              + limit
              + " are read. Save the weights alone: torch.save(model.state_dict(), FILE).");
    }
    return TorchFile.bytes(file, channel, extent.start(), (int) extent.bytes());
  }

  @Override
  public TorchFile.Extent find(TorchStorage storage) throws IOException {
    return find("data/" + storage.key());
  }

  private TorchFile.Extent find(String name) throws IOException {
    ZipArchiveEntry entry = zip.getEntry(root + name);
    if (entry == null) {
      throw new GradusException(
          file + " lacks " + root + name + ", which it should have: it is damaged.");
    }
    long bytes = entry.getSize();
    if (entry.getMethod() != ZipArchiveEntry.STORED
        || entry.getCompressedSize() != bytes
        || entry.getGeneralPurposeBit().usesEncryption()) {
      throw new GradusException(
          file
              + ": "
              + root
              + name
              + " is compressed or encrypted, which torch.save never does. Write the file again in"
              + " Python: torch.save(torch.load(FILE), NEW_FILE).");
    }
    long start = start(entry, root + name);
    if (bytes < 0 || start < 0 || start > channel.size() - bytes) {
      throw damaged(root + name, null);
    }
    return new TorchFile.Extent(start, bytes);
  }

  private long start(ZipArchiveEntry entry, String name) throws IOException {
    try (InputStream located = zip.getRawInputStream(entry)) {
      if (located == null) {
        throw damaged(name, null);
      }
      return entry.getDataOffset();
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(name, e);
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }

  private GradusException damaged(String name, Exception cause) {
    return new GradusException(
        file
            + ": "
            + name
            + " does not lie inside the file, which has been truncated or damaged. Copy it again.",
        cause);
  }
}
