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
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Pictures in one directory for each class, {@code FOLDER/CLASS/PICTURE}: JPEG, PNG, GIF, BMP,
 * WebP, of any size. Classes and files are in the order of their names. Pictures may lie deeper
 * below their class; other files and those whose name begins with a dot are passed over.
 *
 * <p>A picture is decoded each time it is asked for; {@link CachedDataset} keeps small ones.
 */
public final class ImageFolder {
  private static final Set<String> ENDINGS =
      Set.of("jpg", "jpeg", "jpe", "png", "gif", "bmp", "webp");

  /** By the name alone: the order of paths themselves depends on the operating system. */
  private static final Comparator<Path> BY_NAME =
      Comparator.comparing(path -> path.toString().replace('\\', '/'));

  private ImageFolder() {}

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
  public static Dataset open(Path folder) {
    return open(folder, ColorMode.RGB, Damaged.FAIL);
  }

  /**
   * Opens a folder.
   *
   * @throws GradusException if it has fewer than two classes, or a class without any picture
   */
  public static Dataset open(Path folder, ColorMode colors, Damaged damaged) {
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
    Path last = folder.toAbsolutePath().normalize().getFileName();
    ImageFiles all =
        new ImageFiles(
            "folder " + (last == null ? folder : last),
            folder,
            new ImageDecoder(colors),
            names,
            files,
            numbers);
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
}
