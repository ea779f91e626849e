package gradus.examples.command;

import gradus.data.DataCheck;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints what is in a data set, and which pictures are in it more than once. */
@Command(
    name = "check-data",
    sortOptions = false,
    description = {
      "Counts classes and sizes, and looks for pictures that come more than once: in two of the",
      "parts train, validation and test (leakage), or with different labels.",
      "Ends with code 1 if the same picture is in two parts, or has two labels."
    })
final class CheckDataCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DataChoice dataChoice;

  @Option(
      names = "--distance",
      paramLabel = "BITS",
      defaultValue = "" + DataCheck.DEFAULT_DISTANCE,
      description =
          "Pictures are nearly the same if at most so many of 256 bits of their perceptual hashes"
              + " differ, 0 to 64. Default: ${DEFAULT-VALUE}")
  private int distance;

  @Option(
      names = "--list",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many pairs of each kind to print. Default: ${DEFAULT-VALUE}")
  private int listed;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the split, as for train. Default: ${DEFAULT-VALUE}")
  private long seed;

  private PrintWriter out;

  @Override
  public Integer call() {
    out = spec.commandLine().getOut();
    dataChoice.check();
    UsageException.unless(
        distance >= 0 && distance <= 64,
        "--distance is " + distance + ", but must be from 0 to 64.");
    UsageException.unless(listed >= 0, "--list is " + listed + ", but must be at least 0.");
    DataCheck check = DataCheck.of(dataChoice.openUnfitted(seed), distance);
    check.parts().forEach(this::describe);
    int leaks = print("the same picture in two parts", check.same(), DataCheck.Pair::crossesParts);
    int wrong = print("the same picture, other label", check.same(), DataCheck.Pair::contradicts);
    print("the same picture twice in one part", check.same(), pair -> !pair.crossesParts());
    print("nearly the same in two parts", check.near(), DataCheck.Pair::crossesParts);
    print("nearly the same, other label", check.near(), DataCheck.Pair::contradicts);
    return leaks + wrong > 0 ? 1 : 0;
  }

  private void describe(DataCheck.Part part) {
    line("%s: %,d images", part.name(), part.images());
    line("  classes: %s", list(part.classCounts()));
    Map<String, Integer> sizes = part.sizes();
    if (sizes.size() <= 5) {
      line("  sizes: %s", list(sizes));
    } else {
      Map.Entry<String, Integer> usual =
          sizes.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
      line("  sizes: %,d, most often %s (%,d)", sizes.size(), usual.getKey(), usual.getValue());
    }
  }

  private static String list(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .map(entry -> String.format(Locale.ROOT, "%s %,d", entry.getKey(), entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private int print(String what, List<DataCheck.Pair> pairs, Predicate<DataCheck.Pair> kind) {
    List<DataCheck.Pair> found = pairs.stream().filter(kind).toList();
    line("%,d pairs: %s", found.size(), what);
    found.stream()
        .limit(listed)
        .forEach(pair -> line("  %s = %s", place(pair.first()), place(pair.second())));
    if (found.size() > listed && listed > 0) {
      line("  and %,d more; --list %d prints all", found.size() - listed, found.size());
    }
    return found.size();
  }

  private static String place(DataCheck.Place place) {
    return place.description() + " (" + place.part() + ", " + place.label() + ")";
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }
}
