package gradus.examples.command;

import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.image.Image;
import gradus.data.transform.BatchTransform;
import gradus.data.transform.Normalize;
import gradus.data.transform.Transform;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.Loss;
import gradus.report.AugmentedPicture;
import gradus.report.PictureRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say what is done to images, and to classes of unequal size. */
final class AugmentChoice {
  @Option(
      names = "--augment",
      paramLabel = "NAME[:STRENGTH]",
      split = ",",
      description = {
        "Change training images by chance, in this order: crop, resized-crop, flip, vertical-flip,",
        "rotate, shift, zoom, shear, color, grayscale, noise, blur, erase, cutout, randaugment,",
        "trivialaugment; and batches: mixup, cutmix. Presets: cifar (crop,flip), none (default).",
        "Weaker or stronger than usual, for example: rotate:20,shift:0.2 (degrees; share of the image)."
      })
  private List<String> names = new ArrayList<>();

  @Mixin private LossChoice loss;

  @Option(
      names = "--normalize",
      paramLabel = "NAME",
      description =
          "How pixels are scaled: auto (mean 0 and deviation 1 over training images), imagenet,"
              + " cifar10, mnist, fashion-mnist, none (0 to 1). Default: auto, and with --from as"
              + " for the weights to start from")
  private Normalization normalization;

  private Normalize inherited; // of the weights to start from

  @Option(
      names = "--balance",
      paramLabel = "NAME",
      defaultValue = "none",
      description =
          "For classes of unequal size: oversample, undersample, weighted-sampler,"
              + " balanced-batches, class-weights (as --class-weights inverse), smote or none. Default: ${DEFAULT-VALUE}")
  private Balance balance;

  @Option(
      names = "--preview-augmentation",
      paramLabel = "FILE.png",
      description = "Paint training images before and after --augment, and do not train.")
  private Path preview;

  void check() {
    List<Augmentation.Chosen> chosen = chosen();
    loss.check(chosen.stream().anyMatch(each -> each.kind().isOfBatch()));
    UsageException.unless(
        balance != Balance.CLASS_WEIGHTS || !loss.weighsClasses(),
        "--balance class-weights is --class-weights inverse: say one of them.");
    UsageException.unless(
        balance == Balance.NONE || !loss.weighsClasses(),
        "--balance "
            + balance
            + " already makes rare classes count as much as others; --class-weights on top would make"
            + " them count for more than that, and frequent ones for nearly nothing: say one of them.");
    UsageException.unless(
        preview == null || !chosen.isEmpty(),
        "--preview-augmentation has nothing to show: add --augment, for example --augment cifar.");
    UsageException.unless(
        preview == null || preview.toString().toLowerCase(Locale.ROOT).endsWith(".png"),
        "--preview-augmentation " + preview + ": the name must end in .png.");
  }

  private List<Augmentation.Chosen> chosen() {
    List<Augmentation.Chosen> chosen = new ArrayList<>();
    for (String name : names) {
      switch (name.strip().toLowerCase(Locale.ROOT)) {
        case "none" ->
            UsageException.unless(
                names.size() == 1, "--augment none says that nothing is done: leave out the rest.");
        case "cifar" ->
            chosen.addAll(List.of(Augmentation.CROP.usual(), Augmentation.FLIP.usual()));
        default -> chosen.add(Augmentation.Chosen.parse(name.strip()));
      }
    }
    return chosen;
  }

  /** The training split with what is made up for it. */
  Dataset dataset(Dataset train, long seed) {
    return balance.dataset(train, seed);
  }

  /** Gives a loader of the training split its order and its random transforms. */
  DataLoader.Builder apply(DataLoader.Builder loader, Dataset train, int batch, long seed) {
    return transforms(balance.order(loader, train, batch, seed), train);
  }

  private DataLoader.Builder transforms(DataLoader.Builder loader, Dataset train) {
    List<BatchTransform> ofBatches = new ArrayList<>();
    for (Augmentation.Chosen augmentation : chosen()) {
      if (augmentation.kind().isOfBatch()) {
        ofBatches.add(augmentation.batchTransform());
      }
    }
    loader.transform(transforms(train).toArray(Transform[]::new));
    return ofBatches.isEmpty()
        ? loader
        : loader.batchTransform(BatchTransform.oneOf(ofBatches.toArray(new BatchTransform[0])));
  }

  /** What is done to each image of its own. */
  List<Transform> transforms(Dataset train) {
    Image example = train.get(0).image();
    return chosen().stream()
        .filter(augmentation -> !augmentation.kind().isOfBatch())
        .map(augmentation -> augmentation.transform(example))
        .toList();
  }

  /** Scales pixels as for the weights to start from, where nothing else was said. */
  void defaultTo(SavedModel saved) {
    inherited = normalization == null ? saved.normalize() : null;
  }

  /** How pixels are scaled before the network sees them. */
  Normalize normalize(Dataset train, long seed) {
    if (inherited == null) {
      return (normalization == null ? Normalization.AUTO : normalization).of(train, seed);
    }
    int channels = train.get(0).image().channels();
    UsageException.unless(
        inherited.mean().length == channels,
        "--from: its model takes images of "
            + inherited.mean().length
            + " channel(s), but those of "
            + train.name()
            + " have "
            + channels
            + ". To scale their pixels anew, add --normalize auto.");
    return inherited;
  }

  private String normalization() {
    if (inherited != null) {
      return "as --from";
    }
    return (normalization == null ? Normalization.AUTO : normalization).toString();
  }

  /** The loss to train with. */
  Loss loss(Dataset train) {
    return balance == Balance.CLASS_WEIGHTS
        ? new CrossEntropyLoss().classWeights(ClassWeighting.Rule.INVERSE.of(train))
        : loss.create(train);
  }

  /** Where to paint a preview, or null to train. */
  Path preview() {
    return preview;
  }

  /** Paints it: what these images look like in the first epochs of this seed. */
  void paintPreview(Dataset train, long seed) {
    sheet(train, seed).write(preview);
  }

  /** Training images as they are, and as they are in some epochs. */
  AugmentationSheet sheet(Dataset train, long seed) {
    return AugmentationSheet.paint(
        take(train, seed, AugmentationSheet.ROWS, AugmentationSheet.EPOCHS));
  }

  /** The same for the report; without augmentation, as they are alone. */
  PictureRecord pictures(Dataset train, long seed) {
    int views = chosen().isEmpty() ? 0 : PictureRecord.VIEWS;
    return new PictureRecord(take(train, seed, PictureRecord.PICTURES, views));
  }

  private List<AugmentedPicture> take(Dataset train, long seed, int count, int epochs) {
    int[] shown = new int[count];
    // One further each time: where classes take turns, even steps would show one class alone.
    Arrays.setAll(shown, i -> (int) (((long) i * train.size() / count + i) % train.size()));
    DataLoader.Builder loader =
        DataLoader.of(train).batchSize(count).seed(seed).workers(0).sampler(epoch -> shown);
    try (DataLoader augmented = transforms(loader, train).build()) {
      return AugmentedPicture.take(augmented, epochs, shown);
    }
  }

  void describe(Map<String, Object> configuration) {
    configuration.put("augment", chosen().stream().map(Augmentation.Chosen::toString).toList());
    configuration.put("normalize", normalization());
    configuration.put("balance", balance.toString());
    loss.describe(configuration);
  }
}
