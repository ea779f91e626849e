package gradus.report;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The command line of a run once more with a remedy: what a person copies, pastes and starts. */
public final class ChangedCommand {
  private static final String START = "./gradus ";
  private static final String TRAIN = "train";
  private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+");

  /** What belongs to the first run alone: the new one gets a folder of its own. */
  private static final Set<String> LEFT_OUT = Set.of("--out", "--resume", "--overwrite");

  private ChangedCommand() {}

  /**
   * The command line, quoted for a shell.
   *
   * @param arguments of the run; where they are not those of a training, three dots stand for them
   * @param options with their values, between spaces; they take the place of those of the same name
   */
  public static String of(List<String> arguments, String options) {
    if (arguments.isEmpty() || !arguments.get(0).equals(TRAIN)) {
      return START + TRAIN + " ... " + options;
    }
    Set<String> dropped = new HashSet<>(LEFT_OUT);
    for (String word : options.split(" ", -1)) {
      if (isOption(word)) {
        dropped.add(name(word));
      }
    }
    List<String> words = new ArrayList<>();
    boolean drops = false;
    for (String argument : arguments) {
      drops = isOption(argument) ? dropped.contains(name(argument)) : drops; // else a value of it
      if (!drops) {
        words.add(quoted(argument));
      }
    }
    return START + String.join(" ", words) + " " + options;
  }

  private static boolean isOption(String argument) {
    return argument.startsWith("--");
  }

  private static String name(String option) {
    int end = option.indexOf('=');
    return end < 0 ? option : option.substring(0, end);
  }

  private static String quoted(String argument) {
    return PLAIN.matcher(argument).matches()
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }
}
