package gradus.data;

import gradus.GradusException;
import gradus.data.image.ColorMode;
import gradus.data.image.ImageDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Pictures in one directory for each class, {@code FOLDER/CLASS/PICTURE}: JPEG, PNG, GIF, BMP,
 * WebP, of any size. Classes and files are in the order of their names. Pictures may lie deeper
 * below their class; other files and those whose name begins with a dot are passed over.
 *
 * <p>A picture is decoded each time it is asked for; {@link CachedDataset} keeps small ones.
 */
public final class ImageFolder implements Dataset {
  private static final System.Logger LOG = System.getLogger(ImageFolder.class.getName());

  private static final Set<String> ENDINGS =
      Set.of("jpg", "jpeg", "jpe", "png", "gif", "bmp", "webp");

  /** By the name alone: the order of paths themselves depends on the operating system. */
  private static final Comparator<Path> BY_NAME =
      Comparator.comparing(path -> path.toString().replace('\\', '/'));

  private final Path folder;
  private final ImageDecoder decoder;
  private final List<String> classNames;
  private final List<Path> files;
  private final int[] labels;
  private volatile String contentHash;

  private ImageFolder(
      Path folder, ImageDecoder decoder, List<String> classNames, List<Path> files, int[] labels) {
    this.folder = folder;
    this.decoder = decoder;
    this.classNames = List.copyOf(classNames);
    this.files = List.copyOf(files);
    this.labels = labels;
  }

  /** What to do about pictures that cannot be decoded. */
  public enum Damaged {
    /** The first one ends the run, by name, when it is reached. */
    FAIL,
    /**
     * All pictures are decoded once when the folder is opened; the damaged are left out, with one
     * warning.
     */
    SKIP
  }

  /** Opens a folder in colour; a damaged picture is an error when it is reached. */
  public static ImageFolder open(Path folder) {
    return open(folder, ColorMode.RGB, Damaged.FAIL);
  }

  /**
   * Opens a folder.
   *
   * @throws GradusException if it has fewer than two classes, or a class without any picture
   */
  public static ImageFolder open(Path folder, ColorMode colors, Damaged damaged) {
    List<Path> classes = classFolders(folder);
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (int label = 0; label < classes.size(); label++) {
      List<Path> pictures = pictures(classes.get(label));
      if (pictures.isEmpty()) {
        throw new GradusException(
            "The class folder "
                + classes.get(label)
                + " holds no JPEG, PNG, GIF, BMP or WebP picture. Add some, or remove the folder.");
      }
      files.addAll(pictures);
      for (int i = 0; i < pictures.size(); i++) {
        labels.add(label);
      }
    }
    List<String> names = classes.stream().map(path -> path.getFileName().toString()).toList();
    int[] numbers = labels.stream().mapToInt(Integer::intValue).toArray();
    ImageFolder all = new ImageFolder(folder, new ImageDecoder(colors), names, files, numbers);
    return damaged == Damaged.SKIP ? all.withoutDamaged() : all;
  }

  private static List<Path> classFolders(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new GradusException("There is no folder " + folder.toAbsolutePath() + ".");
    }
    List<Path> classes;
    try (Stream<Path> children = Files.list(folder)) {
      classes =
          children
              .filter(Files::isDirectory)
              .filter(ImageFolder::isVisible)
              .sorted(BY_NAME)
              .toList();
    } catch (IOException e) {
      throw new GradusException("Cannot list the folder " + folder + ": " + e, e);
    }
    if (classes.size() < 2) {
      throw new GradusException(
          "The image folder "
              + folder.toAbsolutePath()
              + " has "
              + (classes.isEmpty()
                  ? "no class folder"
                  : "only the class folder " + classes.get(0).getFileName())
              + ". It needs one folder for each class, at least two, with that class's pictures:"
              + " cat/1.jpg, dog/1.jpg, ...");
    }
    return classes;
  }

  private static List<Path> pictures(Path classFolder) {
    try (Stream<Path> below = Files.walk(classFolder, FileVisitOption.FOLLOW_LINKS)) {
      return below
          .filter(Files::isRegularFile)
          .filter(ImageFolder::isPicture)
          .sorted(BY_NAME)
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new GradusException("Cannot list the folder " + classFolder + ": " + e, e);
    }
  }

  private static boolean isVisible(Path path) {
    return !path.getFileName().toString().startsWith(".");
  }

  private static boolean isPicture(Path path) {
    String name = path.getFileName().toString();
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return isVisible(path) && ENDINGS.contains(ending);
  }

  private ImageFolder withoutDamaged() {
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
    if (whole.length == size()) {
      return this;
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "{0} of {1} pictures in {2} are damaged and left out. One of them: {3}",
        size() - whole.length,
        size(),
        folder,
        example.get());
    int[] left = new int[whole.length];
    int[] counts = new int[classNames.size()];
    for (int i = 0; i < left.length; i++) {
      left[i] = labels[whole[i]];
      counts[left[i]]++;
    }
    for (int c = 0; c < counts.length; c++) {
      if (counts[c] == 0) {
        throw new GradusException(
            "All pictures of the class "
                + classNames.get(c)
                + " in "
                + folder
                + " are damaged. One of them: "
                + example.get());
      }
    }
    List<Path> kept = Arrays.stream(whole).mapToObj(files::get).toList();
    return new ImageFolder(folder, decoder, classNames, kept, left);
  }

  @Override
  public String name() {
    Path last = folder.toAbsolutePath().normalize().getFileName();
    return "folder " + (last == null ? folder : last);
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
