package gradus.train;

import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.Sample;
import gradus.data.image.Image;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Sixty small pictures with horizontal stripes, vertical stripes or none, and a net for them. */
public final class Stripes implements Dataset {
  public static final Stripes DATA = new Stripes();

  public static DataLoader.Builder loader(int batchSize) {
    return DataLoader.of(DATA).batchSize(batchSize).workers(0);
  }

  /** With dropout and running statistics, so that a resumed run must restore both. */
  public static Model model(Backend backend, long seed) {
    Sequential net =
        new Sequential(
            new Conv2d(4, 3).padding(1),
            new BatchNorm2d(),
            new ReLU(),
            new MaxPool2d(2),
            new Dropout(0.2),
            new Linear(3));
    return Model.build(backend, net, Shape.of(1, 8, 8), seed);
  }

  /** Without anything that depends on the other images of the batch, or on chance. */
  public static Model plainModel(Backend backend) {
    Sequential net =
        new Sequential(new Conv2d(4, 3).padding(1), new ReLU(), new MaxPool2d(2), new Linear(3));
    return Model.build(backend, net, Shape.of(1, 8, 8), 3);
  }

  /** Everything the model has learned. */
  public static List<Float> weights(Model model) {
    List<Float> all = new ArrayList<>();
    for (Parameter parameter : model.state()) {
      for (float value : parameter.read()) {
        all.add(value);
      }
    }
    return all;
  }

  @Override
  public String name() {
    return "stripes";
  }

  @Override
  public int size() {
    return 60;
  }

  @Override
  public Sample get(int index) {
    float[] pixels = new float[64];
    for (int i = 0; i < 64; i++) {
      int position = label(index) == 0 ? i / 8 : i % 8;
      float stripe = label(index) == 2 ? 0.5f : position % 2;
      pixels[i] = stripe + 0.3f * (float) Math.sin(index * 12.9898 + i * 78.233);
    }
    return new Sample(Image.ofFloats(1, 8, 8, pixels), label(index));
  }

  @Override
  public int label(int index) {
    return index % 3;
  }

  @Override
  public List<String> classNames() {
    return List.of("horizontal", "vertical", "none");
  }

  @Override
  public String contentHash() {
    return "stripes";
  }
}
