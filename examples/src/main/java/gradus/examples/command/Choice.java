package gradus.examples.command;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads one of an enum's constants, in any case, by the name it prints itself with, or with hyphens
 * where it prints none of its own.
 */
final class Choice<E extends Enum<E>> implements ITypeConverter<E> {
  private final Class<E> type;

  private Choice(Class<E> type) {
    this.type = type;
  }

  static <E extends Enum<E>> Choice<E> of(Class<E> type) {
    return new Choice<>(type);
  }

  @Override
  public E convert(String text) {
    for (E constant : type.getEnumConstants()) {
      if (label(constant).equalsIgnoreCase(text)) {
        return constant;
      }
    }
    String known =
        Arrays.stream(type.getEnumConstants()).map(Choice::label).collect(Collectors.joining(", "));
    throw new TypeConversionException("there is no \"" + text + "\"; choose one of " + known);
  }

  /** The name to choose a constant by. */
  static String label(Enum<?> constant) {
    String printed = constant.toString();
    return printed.equals(constant.name())
        ? printed.toLowerCase(Locale.ROOT).replace('_', '-')
        : printed;
  }
}
