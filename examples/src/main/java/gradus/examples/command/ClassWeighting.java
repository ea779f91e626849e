package gradus.examples.command;

import gradus.data.ClassWeights;
import gradus.data.Dataset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What each class counts in the loss: a rule, {@code 1,5,1} for the classes in their order, or
 * {@code sick=5}, where those that are not named count 1. Only the ratios matter.
 */
final class ClassWeighting {
  /** From how many images each class has. */
  enum Rule {
    INVERSE,
    EFFECTIVE,
    NONE;

    /** Effective numbers of Cui and others 2019, at their usual setting. */
    private static final double BETA = 0.999;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** A weight per class, or null where all count alike. */
    float[] of(Dataset train) {
      return switch (this) {
        case INVERSE -> ClassWeights.inverseFrequency(train.classCounts());
        case EFFECTIVE -> ClassWeights.effectiveNumber(BETA, train.classCounts());
        case NONE -> null;
      };
    }
  }

  private final String text;
  private final Rule rule; // null where weights are given

  private ClassWeighting(String text, Rule rule) {
    this.text = text;
    this.rule = rule;
  }

  /** Reads one; whether it suits the classes shows when they are known. */
  static final class Converter implements ITypeConverter<ClassWeighting> {
    @Override
    public ClassWeighting convert(String text) {
      for (Rule rule : Rule.values()) {
        if (rule.toString().equalsIgnoreCase(text)) {
          return new ClassWeighting(rule.toString(), rule);
        }
      }
      for (String each : parts(text)) {
        String number = each.substring(each.lastIndexOf('=') + 1);
        if (!isWeight(number)) {
          throw new TypeConversionException(
              "\""
                  + text
                  + "\" is neither inverse, effective nor none, nor weights such as 1,5,1 or"
                  + " sick=5, which are numbers above 0");
        }
      }
      return new ClassWeighting(text, null);
    }
  }

  private static List<String> parts(String text) {
    return List.of(text.split(",", -1));
  }

  private static boolean isWeight(String number) {
    try {
      float weight = Float.parseFloat(number.strip());
      return weight > 0 && weight < Float.POSITIVE_INFINITY;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** Whether some classes may count more than others. */
  boolean isSome() {
    return rule != Rule.NONE;
  }

  /**
   * A weight per class, or null where all count alike.
   *
   * @param train of which rules count the images
   */
  float[] of(Dataset train) {
    if (rule != null) {
      return rule.of(train);
    }
    return text.contains("=") ? byName(train.classNames()) : inOrder(train.classNames());
  }

  private float[] inOrder(List<String> classes) {
    List<String> numbers = parts(text);
    UsageException.unless(
        numbers.size() == classes.size(),
        "--class-weights has "
            + numbers.size()
            + " weights for "
            + classes.size()
            + " classes: "
            + classes
            + ". Give each one, or name those that do not count 1, such as "
            + classes.get(0)
            + "=5.");
    float[] weights = new float[numbers.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Float.parseFloat(numbers.get(i).strip());
    }
    return weights;
  }

  private float[] byName(List<String> classes) {
    float[] weights = new float[classes.size()];
    Arrays.fill(weights, 1);
    for (String each : parts(text)) {
      int sign = each.lastIndexOf('=');
      UsageException.unless(
          sign > 0, "--class-weights " + each + " names no class: " + classes + ".");
      String name = each.substring(0, sign).strip();
      int position = classes.indexOf(name);
      UsageException.unless(
          position >= 0,
          "--class-weights has a weight for " + name + ", but the classes are " + classes + ".");
      weights[position] = Float.parseFloat(each.substring(sign + 1).strip());
    }
    return weights;
  }

  @Override
  public String toString() {
    return text;
  }
}
