package gradus.train;

import gradus.GradusException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder of checkpoints, {@code checkpoint-00007.safetensors} after epoch 7. Each holds the whole
 * state of a run, and appears whole or not at all: a crash at any moment leaves the previous one.
 * They stand for ends of epochs: a run that was cut off within one does that epoch again.
 *
 * <p>Defaults: one after every epoch, and the last 3 are kept.
 */
public final class Checkpoints {
  private static final Pattern NAME = Pattern.compile("checkpoint-(\\d{5,9})\\.safetensors");
  private static final Pattern UNFINISHED = Pattern.compile("checkpoint-.*\\.tmp");

  private final Path folder;
  private int keep = 3;
  private int every = 1;

  private Checkpoints(Path folder) {
    this.folder = folder;
  }

  /** Checkpoints in a folder, which is made if it is missing. */
  public static Checkpoints in(Path folder) {
    return new Checkpoints(folder);
  }

  /** How many are kept, from 1; older ones are deleted. */
  public Checkpoints keepLast(int count) {
    keep = atLeastOne("number of checkpoints to keep", count);
    return this;
  }

  /** After how many epochs one is written, from 1; the last epoch always has one. */
  public Checkpoints every(int epochs) {
    every = atLeastOne("number of epochs between checkpoints", epochs);
    return this;
  }

  private static int atLeastOne(String what, int value) {
    if (value < 1) {
      throw new GradusException("The " + what + " is " + value + ", but must be at least 1.");
    }
    return value;
  }

  /** Those there are, oldest first. */
  public List<Path> files() {
    return matching(NAME);
  }

  /** The epoch that the newest one stands for; 0 where there is none. */
  public int newestEpoch() {
    Path latest = latest();
    if (latest == null) {
      return 0;
    }
    Matcher name = NAME.matcher(latest.getFileName().toString());
    return name.matches() ? Integer.parseInt(name.group(1)) : 0;
  }

  boolean isDue(int epoch) {
    return epoch % every == 0;
  }

  /** Makes the folder and removes what a crash left half-written. */
  void prepare() {
    try {
      Files.createDirectories(folder);
      for (Path left : matching(UNFINISHED)) {
        Files.deleteIfExists(left);
      }
    } catch (IOException e) {
      throw new GradusException(
          "Cannot use the folder "
              + folder.toAbsolutePath()
              + " for checkpoints ("
              + e
              + "). May you write there?",
          e);
    }
  }

  /**
   * A checkpoint that could be read.
   *
   * @param damaged what is wrong with newer ones
   */
  record Found(Path file, CheckpointFile checkpoint, List<String> damaged) {}

  /**
   * The newest one that is whole, or null where there is none at all.
   *
   * @throws GradusException if all are damaged
   */
  Found newestWhole() {
    List<Path> files = files();
    List<String> damaged = new ArrayList<>();
    for (int i = files.size() - 1; i >= 0; i--) {
      try {
        return new Found(files.get(i), CheckpointFile.read(files.get(i)), List.copyOf(damaged));
      } catch (GradusException unreadable) {
        damaged.add(unreadable.getMessage());
      }
    }
    if (!damaged.isEmpty()) {
      throw new GradusException(
          "None of the checkpoints in "
              + folder.toAbsolutePath()
              + " can be read: "
              + String.join("; ", damaged)
              + ". Start anew in another folder.");
    }
    return null;
  }

  /** Deletes all of them, and the folder unless something else lies in it. */
  public void deleteAll() {
    prepare();
    try {
      for (Path file : files()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException somethingElse) {
      return;
    } catch (IOException e) {
      throw new GradusException(
          "Cannot delete the checkpoints in " + folder.toAbsolutePath() + " (" + e + ").", e);
    }
  }

  /** The newest one, or null. */
  Path latest() {
    List<Path> files = files();
    return files.isEmpty() ? null : files.get(files.size() - 1);
  }

  /** Refuses to mix a new run's checkpoints with another's. */
  void requireEmpty() {
    Path latest = latest();
    if (latest != null) {
      throw new GradusException(
          "There is a checkpoint of an earlier run, "
              + latest.toAbsolutePath()
              + ". Call resume() to go on with it, or choose another folder.");
    }
  }

  /** Writes one and deletes those that are too old. */
  void write(CheckpointFile checkpoint) {
    checkpoint.write(folder.resolve("checkpoint-%05d.safetensors".formatted(checkpoint.epoch())));
    List<Path> files = files();
    try {
      for (Path old : files.subList(0, Math.max(0, files.size() - keep))) {
        Files.deleteIfExists(old);
      }
    } catch (IOException e) {
      throw new GradusException("Cannot delete an old checkpoint (" + e + ").", e);
    }
  }

  private List<Path> matching(Pattern pattern) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      List<Path> found = new ArrayList<>();
      entries
          .filter(p -> pattern.matcher(p.getFileName().toString()).matches())
          .sorted()
          .forEach(found::add);
      return found;
    } catch (IOException | UncheckedIOException e) {
      throw new GradusException(
          "Cannot list the checkpoints in " + folder.toAbsolutePath() + " (" + e + ").", e);
    }
  }
}
