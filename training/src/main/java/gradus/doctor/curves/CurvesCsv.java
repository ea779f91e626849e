package gradus.doctor.curves;

import gradus.GradusException;
import gradus.train.EpochReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Learning curves from a CSV file with a heading, whoever wrote it: metrics.csv, Keras' CSVLogger,
 * Lightning's, fastai's and similar ones. Columns are known by their names, in any case. Several
 * rows of an epoch, such as Lightning's of training and validation, are put together; without a
 * column for the epoch every row is one. Epochs are counted from 1, accuracies are shares. Where
 * runs were appended to one file, so that earlier epochs follow later ones, the last of them
 * counts.
 */
public final class CurvesCsv {
  private static final Set<String> NOTHING = Set.of("", "na", "n/a", "null", "none", "-");
  private static final String NAMES =
      "Name the columns epoch, train_loss, val_loss, train_accuracy, val_accuracy and lr, as far as"
          + " there are any.";
  private static final List<String> RIGHT =
      List.of(
          "accuracy",
          "acc",
          "categorical_accuracy",
          "sparse_categorical_accuracy",
          "binary_accuracy",
          "top1",
          "acc1");

  /** What a column can hold. */
  private enum Column {
    EPOCH,
    TRAIN_LOSS,
    TRAIN_ACCURACY,
    VALIDATION_LOSS,
    VALIDATION_ACCURACY,
    LEARNING_RATE
  }

  private CurvesCsv() {}

  /**
   * Reads a file.
   *
   * @param classes of the data, or 0 if that is not known
   * @throws GradusException if it is no such file, or has no loss
   */
  public static Curves read(Path file, int classes) {
    String heading = heading(file);
    if (heading.isBlank()) {
      throw new GradusException(file + " is empty, so it has no column with a loss. " + NAMES);
    }
    CSVFormat format =
        CSVFormat.RFC4180
            .builder()
            .setDelimiter(delimiter(heading))
            .setTrim(true)
            .setIgnoreEmptyLines(true)
            .get();
    Log log = new Log();
    NavigableMap<Integer, Sums> epochs = log.epochs;
    try (CSVParser rows = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
      Map<Column, Integer> columns = null;
      int row = 0;
      for (CSVRecord record : rows) {
        if (columns == null) {
          columns = columns(record.toList());
          require(file, heading, columns);
        } else {
          row++;
          add(file, record, columns, row, log);
        }
      }
      if (columns == null) {
        require(file, heading, Map.of());
      }
    } catch (IOException | UncheckedIOException e) {
      throw unreadable(file, e);
    }
    if (epochs.isEmpty()) {
      throw new GradusException(file + " has a heading, but no epoch.");
    }
    return curves(log, classes);
  }

  private static String heading(Path file) {
    try (var lines = Files.lines(file)) {
      return lines.findFirst().orElse("");
    } catch (IOException | UncheckedIOException e) {
      throw unreadable(file, e);
    }
  }

  private static GradusException unreadable(Path file, Exception why) {
    return new GradusException(
        why instanceof CharacterCodingException
                || why.getCause() instanceof CharacterCodingException
            ? file + " is not text in UTF-8. Save the table as CSV in UTF-8."
            : "Cannot read " + file + " (" + why + ").",
        why);
  }

  private static char delimiter(String heading) {
    char most = ',';
    for (char candidate : new char[] {';', '\t'}) {
      if (count(heading, candidate) > count(heading, most)) {
        most = candidate;
      }
    }
    return most;
  }

  private static long count(String text, char wanted) {
    return text.chars().filter(c -> c == wanted).count();
  }

  private static void require(Path file, String heading, Map<Column, Integer> columns) {
    if (!columns.containsKey(Column.TRAIN_LOSS) && !columns.containsKey(Column.VALIDATION_LOSS)) {
      throw new GradusException(
          file + " has no column with a loss; its heading is \"" + heading + "\". " + NAMES);
    }
  }

  /** Where each is; of several that mean the same the surest name. */
  private static Map<Column, Integer> columns(List<String> headings) {
    List<String> names =
        headings.stream()
            .map(h -> h.strip().replace("\ufeff", "").toLowerCase(Locale.ROOT))
            .map(h -> h.replaceAll("[\\s/.\\-(%)]+", "_").replaceFirst("_$", ""))
            .toList();
    Map<Column, Integer> columns = new LinkedHashMap<>();
    find(columns, Column.EPOCH, names, List.of("epoch", "epochs"));
    find(
        columns,
        Column.TRAIN_LOSS,
        names,
        List.of(
            "train_loss_epoch",
            "train_loss",
            "training_loss",
            "loss_train",
            "loss_epoch",
            "loss",
            "train_loss_step"));
    find(
        columns,
        Column.VALIDATION_LOSS,
        names,
        List.of(
            "validation_loss",
            "val_loss_epoch",
            "val_loss",
            "valid_loss",
            "loss_val",
            "eval_loss",
            "dev_loss"));
    for (String right : RIGHT) {
      find(
          columns,
          Column.VALIDATION_ACCURACY,
          names,
          List.of(
              "validation_" + right,
              "val_" + right + "_epoch",
              "val_" + right,
              "valid_" + right,
              "eval_" + right,
              right + "_val"));
    }
    // fastai judges on the validation images alone, and calls that its accuracy.
    boolean fastai = names.contains("valid_loss");
    for (String right : RIGHT) {
      find(
          columns,
          Column.TRAIN_ACCURACY,
          names,
          List.of("train_" + right + "_epoch", "train_" + right, "training_" + right));
      find(
          columns,
          fastai ? Column.VALIDATION_ACCURACY : Column.TRAIN_ACCURACY,
          names,
          List.of(right));
    }
    find(columns, Column.LEARNING_RATE, names, List.of("learning_rate", "lr"));
    for (String name : names) {
      if (name.startsWith("lr_")) { // Lightning: lr-SGD, lr-Adam
        find(columns, Column.LEARNING_RATE, names, List.of(name));
      }
    }
    return columns;
  }

  private static void find(
      Map<Column, Integer> columns, Column column, List<String> names, List<String> wanted) {
    for (String name : wanted) {
      if (names.contains(name)) {
        columns.putIfAbsent(column, names.indexOf(name));
      }
    }
  }

  /** What the rows of an epoch come to. */
  private static final class Sums {
    private final Map<Column, Double> sum = new EnumMap<>(Column.class);
    private final Map<Column, Integer> count = new EnumMap<>(Column.class);
    private final Set<Column> said = EnumSet.noneOf(Column.class); // even if it was no number
    private boolean nonFinite;

    void add(Column column, double value) {
      said.add(column);
      if (!Double.isFinite(value)) {
        nonFinite |= column == Column.TRAIN_LOSS;
      } else if (column == Column.LEARNING_RATE) { // the last one counts
        sum.put(column, value);
        count.put(column, 1);
      } else {
        sum.merge(column, value, Double::sum);
        count.merge(column, 1, Integer::sum);
      }
    }

    double mean(Column column) {
      return count.containsKey(column) ? sum.get(column) / count.get(column) : Double.NaN;
    }
  }

  /** The rows so far, by epoch. */
  private static final class Log {
    private final NavigableMap<Integer, Sums> epochs = new TreeMap<>();
    private int latest = Integer.MIN_VALUE;
    private int restarts;

    /**
     * What a row with these columns is to be added to. An earlier epoch that says anew what is
     * known of it begins another run; one that says other things belongs to the same.
     */
    Sums at(int epoch, Set<Column> said) {
      Sums known = epochs.get(epoch);
      if (epoch < latest && known != null && said.stream().anyMatch(known.said::contains)) {
        epochs.tailMap(epoch, true).clear();
        restarts++;
      }
      latest = epoch;
      return epochs.computeIfAbsent(epoch, e -> new Sums());
    }
  }

  private static void add(
      Path file, CSVRecord record, Map<Column, Integer> columns, int row, Log log) {
    Double number = number(file, record, columns.get(Column.EPOCH));
    if (number == null && columns.containsKey(Column.EPOCH)) {
      return; // such as Lightning's rows of a step before the first epoch
    }
    if (number != null && !Double.isFinite(number)) {
      throw new GradusException(
          place(file, record, columns.get(Column.EPOCH))
              + ": the epoch is \""
              + record.get(columns.get(Column.EPOCH))
              + "\". Number the epochs, or leave out the column: then every row is one.");
    }
    Map<Column, Double> values = new EnumMap<>(Column.class);
    columns.forEach(
        (column, place) -> {
          Double value = column == Column.EPOCH ? null : number(file, record, place);
          if (value != null) {
            values.put(column, value);
          }
        });
    Sums sums = log.at(number == null ? row : (int) Math.floor(number), values.keySet());
    values.forEach(sums::add);
  }

  private static String place(Path file, CSVRecord record, int column) {
    return file + ", line " + record.getRecordNumber() + ", column " + (column + 1);
  }

  /** A number, which may be NaN; null where there is none. */
  private static Double number(Path file, CSVRecord record, Integer column) {
    if (column == null || column >= record.size()) {
      return null;
    }
    String text = record.get(column).toLowerCase(Locale.ROOT);
    if (NOTHING.contains(text)) {
      return null;
    }
    try {
      return switch (text) {
        case "nan" -> Double.NaN;
        case "inf", "+inf", "infinity" -> Double.POSITIVE_INFINITY;
        case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
        default -> Double.valueOf(withPoint(text).replaceAll("^tensor\\((.*)\\)$", "$1"));
      };
    } catch (NumberFormatException e) {
      throw new GradusException(
          place(file, record, column) + ": \"" + record.get(column) + "\" is no number.", e);
    }
  }

  /** Where a comma is not between the columns it may be in the numbers, as in 2,31. */
  private static String withPoint(String text) {
    return text.indexOf(',') == text.lastIndexOf(',') && text.indexOf('.') < 0
        ? text.replace(',', '.')
        : text;
  }

  private static Curves curves(Log log, int classes) {
    NavigableMap<Integer, Sums> rows = log.epochs;
    int first = rows.firstKey() == 0 ? 1 : 0; // Keras counts from 0
    boolean percent =
        rows.values().stream()
            .anyMatch(
                s ->
                    s.mean(Column.TRAIN_ACCURACY) > 1.5
                        || s.mean(Column.VALIDATION_ACCURACY) > 1.5);
    double share = percent ? 0.01 : 1;
    List<EpochReport> epochs = new ArrayList<>();
    for (Map.Entry<Integer, Sums> row : rows.entrySet()) {
      Sums sums = row.getValue();
      if (sums.nonFinite) {
        return new Curves(epochs, classes, rows.size(), row.getKey() + first, log.restarts, false);
      }
      if (!sums.count.containsKey(Column.TRAIN_LOSS)
          && !sums.count.containsKey(Column.VALIDATION_LOSS)) {
        continue; // such as Lightning's row of the test
      }
      epochs.add(
          new EpochReport(
              row.getKey() + first,
              sums.mean(Column.TRAIN_LOSS),
              share * sums.mean(Column.TRAIN_ACCURACY),
              sums.mean(Column.VALIDATION_LOSS),
              share * sums.mean(Column.VALIDATION_ACCURACY),
              sums.mean(Column.LEARNING_RATE),
              Double.NaN,
              Double.NaN));
    }
    return new Curves(epochs, classes, 0, 0, log.restarts, false);
  }
}
