package gradus.data;

import gradus.GradusException;
import gradus.data.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/** A list of picture files with their labels; a picture is decoded each time it is asked for. */
final class ImageFiles implements Dataset {
  private static final System.Logger LOG = System.getLogger(ImageFiles.class.getName());

  private final String name;
  private final Path folder;
  private final ImageDecoder decoder;
  private final List<String> classNames;
  private final List<Path> files;
  private final int[] labels;
  private volatile String contentHash;

  /**
   * Takes over the labels.
   *
   * @param folder what the files' names are relative to, where they count
   */
  ImageFiles(
      String name,
      Path folder,
      ImageDecoder decoder,
      List<String> classNames,
      List<Path> files,
      int[] labels) {
    this.name = name;
    this.folder = folder;
    this.decoder = decoder;
    this.classNames = List.copyOf(classNames);
    this.files = List.copyOf(files);
    this.labels = labels;
  }

  /** All but the pictures that cannot be decoded, of which one warning tells. */
  ImageFiles withoutDamaged() {
    return keep(whole());
  }

  /** The samples that can be decoded; of the others one warning tells. */
  int[] whole() {
    AtomicReference<String> example = new AtomicReference<>();
    int[] whole =
        IntStream.range(0, size())
            .parallel()
            .filter(
                i -> {
                  try {
                    decoder.decode(files.get(i));
                    return true;
                  } catch (GradusException e) {
                    example.compareAndSet(null, e.getMessage());
                    return false;
                  }
                })
            .toArray();
    if (whole.length < size()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} of {1} pictures in {2} are damaged and left out. One of them: {3}",
          size() - whole.length,
          size(),
          folder,
          example.get());
      requireEveryClass(whole, example.get());
    }
    return whole;
  }

  private void requireEveryClass(int[] whole, String example) {
    int[] counts = new int[classNames.size()];
    for (int i : whole) {
      counts[labels[i]]++;
    }
    for (int c = 0; c < counts.length; c++) {
      if (counts[c] == 0) {
        throw new GradusException(
            "All pictures of the class "
                + classNames.get(c)
                + " in "
                + folder
                + " are damaged. One of them: "
                + example);
      }
    }
  }

  /** Some of the samples, as if there had never been others. */
  ImageFiles keep(int[] indices) {
    if (indices.length == size()) {
      return this;
    }
    List<Path> kept = Arrays.stream(indices).mapToObj(files::get).toList();
    int[] keptLabels = Arrays.stream(indices).map(i -> labels[i]).toArray();
    return new ImageFiles(name, folder, decoder, classNames, kept, keptLabels);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public Sample get(int index) {
    return new Sample(decoder.decode(files.get(index)), labels[index]);
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public Path file(int index) {
    return files.get(index);
  }

  @Override
  public String describe(int index) {
    return files.get(index).toString();
  }

  @Override
  public String contentHash() {
    if (contentHash == null) {
      ContentHash hash = new ContentHash().add(decoder.colors().name());
      for (Path file : files) {
        // With slashes, so that the hash is the same on every system.
        hash.add(folder.relativize(file).toString().replace('\\', '/'));
        try {
          hash.add(Files.readAllBytes(file));
        } catch (IOException e) {
          throw new GradusException("Cannot read " + file + ": " + e, e);
        }
      }
      contentHash = hash.hex();
    }
    return contentHash;
  }
}
