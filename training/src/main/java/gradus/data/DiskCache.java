package gradus.data;

import gradus.GradusException;
import gradus.data.image.Image;
import gradus.data.transform.Transform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/**
 * Keeps the decoded pictures of files in one large file that is mapped into memory: all are decoded
 * once, with all processors, and neither in the next epoch nor in the next run.
 *
 * <p>The file belongs to the names, sizes and times of change of the pictures, and to the
 * transform: if any of them changes, another one is made. It is written whole or not at all, and
 * one that is damaged is made anew. How the pictures are split does not matter. Files of former
 * settings stay until somebody deletes them.
 */
public final class DiskCache {
  private static final System.Logger LOG = System.getLogger(DiskCache.class.getName());

  private DiskCache() {}

  /**
   * The same parts, read from a file in {@code folder}, which is made if need be.
   *
   * @param transform makes all pictures alike in size; draws nothing by chance, and says by {@code
   *     toString} all that it does, as a record
   * @throws GradusException if samples are no files, a picture cannot be decoded, or there is no
   *     room
   */
  public static DataSplits of(DataSplits data, Transform transform, Path folder) {
    List<Entry> entries = new ArrayList<>();
    List<Dataset> parts = List.of(data.train(), data.validation(), data.test());
    int[][] slots = new int[parts.size()][];
    for (int p = 0; p < slots.length; p++) {
      slots[p] = new int[parts.get(p).size()];
      for (int i = 0; i < slots[p].length; i++) {
        entries.add(Entry.of(p, i, parts.get(p).file(i), parts.get(p)));
      }
    }
    entries.sort(Comparator.comparing(entry -> entry.file().toString()));
    ContentHash hash = new ContentHash().add("gradus image cache 1").add(transform.toString());
    hash.add(parts.get(0).get(0).image().channels());
    for (int slot = 0; slot < entries.size(); slot++) {
      Entry entry = entries.get(slot);
      entry.addTo(hash);
      slots[entry.part()][entry.index()] = slot;
    }
    String key = hash.hex();
    Path file = folder.resolve("images-" + key.substring(0, 16) + ".cache");
    StoredImages images =
        stored(
            file,
            key,
            entries.size(),
            slot -> {
              Entry entry = entries.get(slot);
              Image image = parts.get(entry.part()).get(entry.index()).image();
              return transform.apply(image, new SplittableRandom(0));
            });
    return new DataSplits(
        new Part(parts.get(0), images, slots[0]),
        new Part(parts.get(1), images, slots[1]),
        new Part(parts.get(2), images, slots[2]));
  }

  private static StoredImages stored(Path file, String key, int count, IntFunction<Image> images) {
    try {
      return StoredImages.open(file, key, count);
    } catch (StoredImages.UnusableException e) {
      if (Files.exists(file)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "The image cache {0} is not used: {1}. It is made anew.",
            file,
            e.getMessage());
      }
    }
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new GradusException("Cannot make the folder of the image cache " + file + ": " + e, e);
    }
    StoredImages.write(file, key, count, images);
    LOG.log(
        System.Logger.Level.INFO,
        "Keeping {0} decoded pictures in {1}, {2} MB",
        count,
        file,
        file.toFile().length() / 1_000_000);
    try {
      return StoredImages.open(file, key, count);
    } catch (StoredImages.UnusableException e) {
      throw new GradusException(
          "The image cache "
              + file
              + " cannot be read back: "
              + e.getMessage()
              + ". Is the disk in order? Without --cache it is not needed.",
          e);
    }
  }

  /** A picture, and when it was last changed. */
  private record Entry(int part, int index, Path file, long bytes, long changedMillis) {
    static Entry of(int part, int index, Path file, Dataset dataset) {
      if (file == null) {
        throw new GradusException(
            dataset.describe(index)
                + " does not come from a file of its own: only pictures in files need a cache on"
                + " disk.");
      }
      try {
        long changed = Files.getLastModifiedTime(file).toMillis();
        return new Entry(part, index, file.toAbsolutePath(), Files.size(file), changed);
      } catch (IOException e) {
        throw new GradusException("Cannot read " + file + ": " + e, e);
      }
    }

    void addTo(ContentHash hash) {
      hash.add(file.toString()).add(Long.toString(bytes)).add(Long.toString(changedMillis));
    }
  }

  /** One part, with its images from the file. */
  private static final class Part implements Dataset {
    private final Dataset source;
    private final StoredImages stored;
    private final int[] slots;

    Part(Dataset source, StoredImages stored, int[] slots) {
      this.source = source;
      this.stored = stored;
      this.slots = slots;
    }

    @Override
    public Sample get(int index) {
      return new Sample(stored.get(slots[index]), source.label(index));
    }

    @Override
    public String name() {
      return source.name();
    }

    @Override
    public int size() {
      return source.size();
    }

    @Override
    public int label(int index) {
      return source.label(index);
    }

    @Override
    public List<String> classNames() {
      return source.classNames();
    }

    @Override
    public String contentHash() {
      return source.contentHash();
    }

    @Override
    public String origin() {
      return source.origin();
    }

    @Override
    public String describe(int index) {
      return source.describe(index);
    }

    @Override
    public Path file(int index) {
      return source.file(index);
    }
  }
}
