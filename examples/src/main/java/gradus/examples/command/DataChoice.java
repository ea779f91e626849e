package gradus.examples.command;

import gradus.data.DataSplits;
import gradus.data.LongTail;
import gradus.data.StratifiedSplit;
import gradus.data.download.DownloadCache;
import gradus.examples.progress.DownloadBar;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options that say what to learn from. */
final class DataChoice {
  @Option(
      names = "--data",
      paramLabel = "NAME",
      description = {
        "builtin: drawn shapes, needs no file (default).",
        "mnist, fashion-mnist, cifar10: downloaded unless --data-dir is given.",
        "folder: your own pictures, --data-dir/CLASS/PICTURE."
      })
  private DataKind kind;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where the files of the data set are.")
  private Path folder;

  @Option(
      names = "--image-size",
      paramLabel = "N",
      description =
          "Pictures of a folder are scaled and cut to N x N pixels. Default: " + DEFAULT_SIZE)
  private Integer imageSize;

  @Option(
      names = "--skip-damaged",
      description = "Leave pictures of a folder that cannot be decoded out, with a warning.")
  private boolean skipDamaged;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Threads that load images; 0 loads on the training thread."
              + " Default: ${DEFAULT-VALUE}")
  private int workers;

  private static final int DEFAULT_SIZE = 64;

  DataKind kind() {
    return kind == null ? DataKind.BUILTIN : kind;
  }

  Path folder() {
    return folder;
  }

  int workers() {
    return workers;
  }

  /** Takes the data a model was trained on, and its image size, where nothing else was said. */
  void defaultTo(SavedModel saved) {
    if (kind == null) {
      kind = saved.data();
      folder = folder == null ? saved.dataFolder() : folder;
    }
    if (kind == DataKind.FOLDER && imageSize == null) {
      imageSize = saved.input().dim(1);
    }
  }

  void describe(Map<String, Object> configuration) {
    configuration.put("data", kind().toString());
    configuration.put("data_dir", folder == null ? null : folder.toString());
    if (kind() == DataKind.FOLDER) {
      configuration.put("image_size", imageSize());
      configuration.put("skip_damaged", skipDamaged);
    }
    configuration.put("workers", workers);
  }

  private int imageSize() {
    return imageSize == null ? DEFAULT_SIZE : imageSize;
  }

  /** Looks at what can be seen wrong without touching a file. */
  void check() {
    UsageException.unless(
        kind() != DataKind.FOLDER || folder != null,
        "--data folder needs --data-dir DIR, the folder with one folder of pictures per class.");
    UsageException.unless(
        kind() != DataKind.BUILTIN || folder == null,
        "--data-dir is given, but the built-in set needs no file: add --data"
            + " mnist|fashion-mnist|cifar10|folder.");
    UsageException.unless(
        imageSize == null || kind() == DataKind.FOLDER,
        "--image-size is for --data folder; the images of "
            + kind()
            + " have a size of their own.");
    UsageException.unless(
        imageSize() >= 8 && imageSize() <= 4096,
        "--image-size is " + imageSize() + ", but must be from 8 to 4096.");
    UsageException.unless(
        workers >= 0 && workers <= 256, "--workers is " + workers + ", but must be from 0 to 256.");
  }

  /** Opens the set. */
  DataSplits open(long seed) {
    try (DownloadBar progress = new DownloadBar()) {
      DownloadCache cache = DownloadCache.standard(progress);
      return kind().open(folder, imageSize(), skipDamaged, cache, seed);
    }
  }

  /** The same with about {@code limit} training images only, every class in its share. */
  static DataSplits limited(DataSplits data, int limit, long seed) {
    return new DataSplits(
        StratifiedSplit.take(data.train(), limit, seed), data.validation(), data.test());
  }

  /** The same with unbalanced training images; validation and test stay as they are. */
  static DataSplits longTailed(DataSplits data, double factor, long seed) {
    return new DataSplits(LongTail.of(data.train(), factor, seed), data.validation(), data.test());
  }
}
