package gradus.examples.command;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads one of some values by its name, in any case. An enum's constants have the name that they
 * print themselves with, or with hyphens where they print none of their own.
 */
final class Choice<T> implements ITypeConverter<T> {
  private final List<T> values;
  private final Function<T, String> name;

  private Choice(List<T> values, Function<T, String> name) {
    this.values = values;
    this.name = name;
  }

  static <E extends Enum<E>> Choice<E> of(Class<E> type) {
    return of(List.of(type.getEnumConstants()), Choice::label);
  }

  static <T> Choice<T> of(List<T> values, Function<T, String> name) {
    return new Choice<>(List.copyOf(values), name);
  }

  @Override
  public T convert(String text) {
    for (T value : values) {
      if (name.apply(value).equalsIgnoreCase(text)) {
        return value;
      }
    }
    throw new TypeConversionException(
        "there is no \""
            + text
            + "\"; choose one of "
            + values.stream().map(name).collect(Collectors.joining(", ")));
  }

  /** The name to choose a constant by. */
  static String label(Enum<?> constant) {
    String printed = constant.toString();
    return printed.equals(constant.name())
        ? printed.toLowerCase(Locale.ROOT).replace('_', '-')
        : printed;
  }
}
