package gradus.examples;

import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.data.DataLoader;
import gradus.data.DataSplits;
import gradus.data.Dataset;
import gradus.data.Mnist;
import gradus.data.download.DownloadCache;
import gradus.data.transform.Normalize;
import gradus.examples.net.LeNet;
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

/** Trains LeNet on MNIST: 99 % of the test images in five epochs. */
public final class LeNetOnMnist {
  private static final int EPOCHS = 5;
  private static final int BATCH = 64;
  private static final long SEED = 1;

  private LeNetOnMnist() {}

  /** Takes the folder with the files; without it they are downloaded. */
  public static void main(String[] arguments) {
    Path folder =
        arguments.length > 0
            ? Path.of(arguments[0])
            : Mnist.download(DownloadCache.standard(new DownloadBar()));
    DataSplits data = DataSplits.of(Mnist.train(folder), Mnist.test(folder), 0.1, SEED);
    Normalize normalize = Normalize.MNIST;
    CrossEntropyLoss loss = new CrossEntropyLoss();
    try (Backend backend = Backends.best();
        DataLoader train = loader(data.train(), normalize).shuffle(SEED).build();
        DataLoader validation = loader(data.validation(), normalize).build();
        DataLoader test = loader(data.test(), normalize).build();
        Model model =
            Model.build(
                backend, LeNet.create(data.train().classNames().size()), train.imageShape(), SEED);
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
      // With what ./gradus predict lenetonmnist.safetensors PICTURE needs to know.
      new ModelCard("lenet", data.train().classNames(), train.imageShape(), normalize)
          .save(model, Path.of("lenetonmnist.safetensors"));
    }
  }

  private static DataLoader.Builder loader(Dataset dataset, Normalize normalize) {
    return DataLoader.of(dataset).batchSize(BATCH).transform(normalize);
  }
}
