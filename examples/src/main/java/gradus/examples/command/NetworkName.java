package gradus.examples.command;

import gradus.GradusException;
import gradus.examples.net.Network;
import gradus.examples.net.Networks;
import gradus.examples.net.SourceNetwork;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads what {@code --model} says: one of the names, or a Java file of one's own. */
final class NetworkName implements ITypeConverter<Network>, Iterable<String> {
  @Override
  public Network convert(String text) {
    if (!SourceNetwork.isNameOf(text)) {
      try {
        return Choice.of(Networks.class).convert(text);
      } catch (TypeConversionException unknown) {
        throw new TypeConversionException(
            unknown.getMessage() + ", or the FILE.java of a network of your own");
      }
    }
    try {
      return SourceNetwork.compile(Path.of(text));
    } catch (GradusException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  /** For help and completion. */
  @Override
  public Iterator<String> iterator() {
    return Arrays.stream(Networks.values()).map(Networks::toString).iterator();
  }
}
