package gradus.data;

import gradus.GradusException;
import gradus.data.image.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Drawn pictures that need no file: {@code [3,32,32]}, ten classes: disc, square, triangle, cross
 * and ring, each solid or striped. Place, size, rotation, colours, three stray strokes and noise
 * are drawn by chance, so that neither a single pixel nor a linear model tells the class.
 *
 * <p>A picture depends on the seed, the part and its index alone, and is drawn when first asked
 * for.
 */
public final class Shapes implements Dataset {
  /** Height and width of a picture. */
  public static final int SIDE = 32;

  private static final long SEED = 20;

  /** To be counted up with every change of a pixel. */
  private static final int PAINTER_VERSION = 1;

  private static final List<ShapePainter.Kind> KINDS = List.of(ShapePainter.Kind.values());
  private static final List<String> CLASSES = classes();

  private final String name;
  private final long seed;
  private final int part;
  private final AtomicReferenceArray<Image> drawn;

  private Shapes(String name, int size, long seed, int part) {
    if (size < 1) {
      throw new GradusException("Shapes: a size of at least 1 is needed, but it is " + size + ".");
    }
    this.name = name;
    this.seed = seed;
    this.part = part;
    this.drawn = new AtomicReferenceArray<>(size);
  }

  /**
   * The usual 32,000 pictures to train with: enough that a network of two convolutions passes 95 %
   * of the test pictures within eight epochs. A quarter of them it would learn by heart.
   */
  public static Shapes train() {
    return new Shapes("shapes-train", 32_000, SEED, 0);
  }

  /** The usual 2,000 pictures to validate with. */
  public static Shapes validation() {
    return new Shapes("shapes-validation", 2_000, SEED, 1);
  }

  /** The usual 2,000 pictures to test with. */
  public static Shapes test() {
    return new Shapes("shapes-test", 2_000, SEED, 2);
  }

  /** The usual three parts. */
  public static DataSplits splits() {
    return new DataSplits(train(), validation(), test());
  }

  /** Any number of pictures of one's own. */
  public static Shapes of(int size, long seed) {
    return new Shapes("shapes-" + seed, size, seed, 0);
  }

  private static List<String> classes() {
    List<String> names = new ArrayList<>();
    for (ShapePainter.Kind kind : KINDS) {
      names.add("solid " + kind.label());
      names.add("striped " + kind.label());
    }
    return List.copyOf(names);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return drawn.length();
  }

  @Override
  public Sample get(int index) {
    Image image = drawn.get(index);
    if (image == null) {
      int label = label(index);
      ShapePainter painter = new ShapePainter(RandomStreams.ofSample(seed, part, index));
      byte[] pixels = painter.paint(KINDS.get(label / 2), label % 2 == 1);
      image = Image.ofBytes(3, SIDE, SIDE, pixels);
      // Two threads may draw the same picture; it is the same picture.
      drawn.set(index, image);
    }
    return new Sample(image, label(index));
  }

  @Override
  public int label(int index) {
    return index % CLASSES.size();
  }

  @Override
  public List<String> classNames() {
    return CLASSES;
  }

  /**
   * Of what the pictures are drawn from, not of their pixels: nothing must be drawn to know what a
   * run was trained on.
   */
  @Override
  public String contentHash() {
    return new ContentHash()
        .add("shapes " + PAINTER_VERSION)
        .add(Long.toString(seed))
        .add(part, size())
        .hex();
  }
}
