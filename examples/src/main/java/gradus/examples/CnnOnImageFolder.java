package gradus.examples;

import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.data.CachedDataset;
import gradus.data.DataLoader;
import gradus.data.DataSplits;
import gradus.data.Dataset;
import gradus.data.ImageFolder;
import gradus.data.StratifiedSplit;
import gradus.data.image.ColorMode;
import gradus.data.transform.CenterCrop;
import gradus.data.transform.Normalize;
import gradus.data.transform.Resize;
import gradus.data.transform.Transform;
import gradus.examples.net.DeeperCNN;
import gradus.examples.progress.ProgressLines;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.SGD;
import gradus.predict.ModelCard;
import gradus.schedule.Schedule;
import gradus.train.Evaluation;
import gradus.train.Evaluator;
import gradus.train.Trainer;
import java.nio.file.Path;

/** Trains on pictures of your own, {@code FOLDER/CLASS/PICTURE}, at 256 x 256 pixels. */
public final class CnnOnImageFolder {
  private static final int EPOCHS = 10;
  private static final int BATCH = 32;
  private static final int SIZE = 256;
  private static final long SEED = 1;

  private CnnOnImageFolder() {}

  /** Takes the folder. */
  public static void main(String[] arguments) {
    if (arguments.length != 1) {
      throw new IllegalArgumentException(
          "Name the folder that holds a folder of pictures per class");
    }
    // Pictures of any size become 256 x 256, once: the result is kept in memory.
    Transform fit = Resize.shorterSide(SIZE).then(CenterCrop.of(SIZE));
    DataSplits found =
        DataSplits.ofFolder(Path.of(arguments[0]), ColorMode.RGB, ImageFolder.Damaged.SKIP, SEED);
    DataSplits data =
        new DataSplits(
            CachedDataset.of(found.train(), fit),
            CachedDataset.of(found.validation(), fit),
            CachedDataset.of(found.test(), fit));
    Normalize normalize = Normalize.from(StratifiedSplit.take(data.train(), 500, SEED).images());
    CrossEntropyLoss loss = new CrossEntropyLoss();
    try (Backend backend = Backends.best();
        DataLoader train = loader(data.train(), normalize).shuffle(SEED).build();
        DataLoader validation = loader(data.validation(), normalize).build();
        DataLoader test = loader(data.test(), normalize).build();
        Model model =
            Model.build(
                backend,
                DeeperCNN.create(data.train().classNames().size()),
                train.imageShape(),
                SEED);
        SGD optimizer =
            SGD.of(model.parameters())
                .learningRate(0.01)
                .momentum(0.9)
                .weightDecay(5e-4)
                .decayWeightsOnly()
                .build()) {
      System.out.println(model.summary());
      new Trainer(model, loss, optimizer)
          .seed(SEED)
          .schedule(Schedule.cosine(EPOCHS))
          .listener(new ProgressLines())
          .fit(train, validation, EPOCHS);
      Evaluation result = new Evaluator(model, loss).evaluate(test);
      System.out.printf("test accuracy %.2f %%%n", 100 * result.accuracy());
      // With what ./gradus predict cnnonimagefolder.safetensors PICTURE needs to know.
      new ModelCard("deepercnn", data.train().classNames(), train.imageShape(), normalize)
          .save(model, Path.of("cnnonimagefolder.safetensors"));
    }
  }

  private static DataLoader.Builder loader(Dataset dataset, Normalize normalize) {
    return DataLoader.of(dataset).batchSize(BATCH).transform(normalize);
  }
}
