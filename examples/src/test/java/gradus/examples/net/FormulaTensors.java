package gradus.examples.net;

import java.util.Random;

/**
 * Tensors that nobody has to store, because their names say what is in them: the numbers of {@code
 * new Random(name.hashCode())}, which Java defines to the bit, scaled so that the signal neither
 * dies nor explodes in a deep network.
 */
public final class FormulaTensors {
  private static final int PATCH = 32;

  private FormulaTensors() {}

  /**
   * The values of a tensor of a state dict, in the order of its indices, the last fastest.
   *
   * <p>A weight of two or more dimensions is from -b to b with b = sqrt(6 / fan-in), as He and
   * others draw it; the weights and variances of a batch norm are from 0.5 to 1.5; means and biases
   * from -0.1 to 0.1.
   */
  public static float[] values(String name, int... shape) {
    int size = size(shape);
    boolean isKernel = name.endsWith("weight") && shape.length > 1;
    boolean isFactor = !isKernel && (name.endsWith("weight") || name.endsWith("running_var"));
    float bound = isKernel ? (float) Math.sqrt(6.0 * shape[0] / size) : isFactor ? 0.5f : 0.1f;
    return uniform(name, size, isFactor ? 1 : 0, bound);
  }

  /**
   * Pictures of patches of 32 x 32 equal pixels, from -2 to 2: noise of single pixels would be the
   * same to a deep network in every picture.
   */
  public static float[] images(int count, int channels, int height, int width) {
    int rows = (height + PATCH - 1) / PATCH;
    int columns = (width + PATCH - 1) / PATCH;
    float[] patches = uniform("images", count * channels * rows * columns, 0, 2);
    float[] images = new float[count * channels * height * width];
    for (int i = 0; i < images.length; i++) {
      int x = i % width / PATCH;
      int y = i / width % height / PATCH;
      images[i] = patches[(i / (width * height) * rows + y) * columns + x];
    }
    return images;
  }

  private static float[] uniform(String name, int size, float middle, float bound) {
    Random random = new Random(name.hashCode());
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = middle + (2 * random.nextFloat() - 1) * bound;
    }
    return values;
  }

  private static int size(int... shape) {
    int size = 1;
    for (int extent : shape) {
      size *= extent;
    }
    return size;
  }
}
