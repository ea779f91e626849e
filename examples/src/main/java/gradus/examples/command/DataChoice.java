package gradus.examples.command;

import gradus.data.CachedDataset;
import gradus.data.DataSplits;
import gradus.data.DiskCache;
import gradus.data.LongTail;
import gradus.data.StratifiedSplit;
import gradus.data.download.DownloadCache;
import gradus.data.transform.FitImage;
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
        "mnist, fashion-mnist, cifar10, cifar100: downloaded unless --data-dir is given.",
        "folder: your own pictures, --data-dir/CLASS/PICTURE.",
        "csv: pictures listed in --data-dir FILE.csv with the columns file,label[,split].",
        "npz: arrays of images and labels in --data-dir FILE.npz, named as by Keras or MedMNIST."
      })
  private DataKind kind;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where the files of the data set are; for csv and npz the file itself.")
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
      names = "--cache",
      paramLabel = "DIR",
      description = {
        "Keep decoded pictures of a folder or csv in a file in DIR, so that the next run need not",
        "decode them: 3 x N x N bytes a picture. Without it they are kept in memory, in each run."
      })
  private Path cache;

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

  boolean skipsDamaged() {
    return skipDamaged;
  }

  int workers() {
    return workers;
  }

  /** Takes the data a model was trained on, and its image size, where nothing else was said. */
  void defaultTo(SavedModel saved) {
    if (kind == null) {
      kind = saved.data();
      folder = folder == null ? saved.dataFolder() : folder;
      skipDamaged |= saved.skipDamaged();
    }
    if (kind.hasPictures() && imageSize == null) {
      imageSize = saved.input().dim(1);
    }
  }

  void describe(Map<String, Object> configuration) {
    configuration.put("data", kind().toString());
    configuration.put("data_dir", folder == null ? null : folder.toString());
    if (kind().hasPictures()) {
      configuration.put("image_size", imageSize());
      configuration.put("skip_damaged", skipDamaged);
      configuration.put("cache", cache == null ? null : cache.toString());
    }
    configuration.put("workers", workers);
  }

  int imageSize() {
    return imageSize == null ? DEFAULT_SIZE : imageSize;
  }

  /** Looks at what can be seen wrong without touching a file. */
  void check() {
    UsageException.unless(
        kind() != DataKind.FOLDER || folder != null,
        "--data folder needs --data-dir DIR, the folder with one folder of pictures per class.");
    UsageException.unless(
        (kind() != DataKind.CSV && kind() != DataKind.NPZ) || folder != null,
        "--data " + kind() + " needs --data-dir FILE." + kind() + ".");
    UsageException.unless(
        kind() != DataKind.BUILTIN || folder == null,
        "--data-dir is given, but the built-in set needs no file: add --data"
            + " mnist|fashion-mnist|cifar10|cifar100|folder|csv|npz.");
    UsageException.unless(
        imageSize == null || kind().hasPictures(),
        "--image-size is for --data folder and csv; the images of "
            + kind()
            + " have a size of their own.");
    UsageException.unless(
        cache == null || kind().hasPictures(),
        "--cache is for --data folder and csv; the images of "
            + kind()
            + " need no decoding, or are in memory.");
    UsageException.unless(
        imageSize() >= 8 && imageSize() <= 4096,
        "--image-size is " + imageSize() + ", but must be from 8 to 4096.");
    UsageException.unless(
        workers >= 0 && workers <= 256, "--workers is " + workers + ", but must be from 0 to 256.");
  }

  /** Opens the set, ready for a network: all images of one size. */
  DataSplits open(long seed) {
    DataSplits parts = openUnfitted(seed);
    if (!kind().hasPictures()) {
      return parts;
    }
    FitImage fit = new FitImage(imageSize(), imageSize());
    if (cache != null) {
      return DiskCache.of(parts, fit, cache);
    }
    return new DataSplits(
        CachedDataset.of(parts.train(), fit),
        CachedDataset.of(parts.validation(), fit),
        CachedDataset.of(parts.test(), fit));
  }

  /** Opens the set with the images as they are. */
  DataSplits openUnfitted(long seed) {
    try (DownloadBar progress = new DownloadBar()) {
      DownloadCache cache = DownloadCache.standard(progress);
      return kind().open(folder, skipDamaged, cache, seed);
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
