package gradus.examples;

import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.data.Cifar10;
import gradus.data.DataLoader;
import gradus.data.DataSplits;
import gradus.data.Dataset;
import gradus.data.download.DownloadCache;
import gradus.data.transform.Normalize;
import gradus.examples.net.DeeperCNN;
import gradus.examples.progress.DownloadBar;
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

/** Trains three convolutions and a linear layer on CIFAR-10. */
public final class DeeperCnnOnCifar10 {
  private static final int EPOCHS = 10;
  private static final int BATCH = 64;
  private static final long SEED = 1;

  private DeeperCnnOnCifar10() {}

  /** Takes the folder with the files; without it they are downloaded. */
  public static void main(String[] arguments) {
    Path folder =
        arguments.length > 0
            ? Path.of(arguments[0])
            : Cifar10.download(DownloadCache.standard(new DownloadBar()));
    DataSplits data = DataSplits.of(Cifar10.train(folder), Cifar10.test(folder), 0.1, SEED);
    Normalize normalize = Normalize.CIFAR10;
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
                .learningRate(0.02)
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
      // With what ./gradus predict deepercnnoncifar10.safetensors PICTURE needs to know.
      new ModelCard("deepercnn", data.train().classNames(), train.imageShape(), normalize)
          .save(model, Path.of("deepercnnoncifar10.safetensors"));
    }
  }

  private static DataLoader.Builder loader(Dataset dataset, Normalize normalize) {
    return DataLoader.of(dataset).batchSize(BATCH).transform(normalize);
  }
}
