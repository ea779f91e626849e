package gradus.data;

import gradus.GradusException;
import gradus.data.image.ColorMode;
import gradus.data.image.ImageDecoder;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Pictures listed in a CSV file (RFC 4180, UTF-8) with a header: the column {@code file} is a path,
 * relative to the CSV file, the column {@code label} the name of the class. A column {@code split}
 * with {@code train}, {@code val} (or {@code valid}, {@code validation}) or {@code test} in every
 * row is used by {@link DataSplits#ofCsv}; other columns are passed over.
 *
 * <p>Samples are in the order of the file; classes in the order of their names, or of their values
 * if all are whole numbers. A picture is decoded each time it is asked for.
 */
public final class CsvDataset {
  private static final String FILE = "file";
  private static final String LABEL = "label";
  private static final String SPLIT = "split";

  private CsvDataset() {}

  /** Opens a file in colour; a damaged picture is an error when it is reached. */
  public static Dataset open(Path csv) {
    return open(csv, ColorMode.RGB, ImageFolder.Damaged.FAIL);
  }

  /**
   * All rows of a file.
   *
   * @throws GradusException with the line's number if a column or a value is missing, quotes are
   *     not closed, a picture does not exist, or there are fewer than two classes
   */
  public static Dataset open(Path csv, ColorMode colors, ImageFolder.Damaged damaged) {
    ImageFiles all = Index.read(csv).dataset(csv, colors);
    return damaged == ImageFolder.Damaged.SKIP ? all.withoutDamaged() : all;
  }

  /** The rows of a file. */
  record Index(List<Path> files, List<String> labels, List<String> splits) {
    static Index read(Path csv) {
      CSVFormat format =
          CSVFormat.RFC4180
              .builder()
              .setHeader()
              .setSkipHeaderRecord(true)
              .setIgnoreEmptyLines(true)
              .setIgnoreSurroundingSpaces(true)
              .get();
      Index index = new Index(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      try (Reader reader = Files.newBufferedReader(csv, StandardCharsets.UTF_8)) {
        skipByteOrderMark(reader);
        try (CSVParser parser = CSVParser.builder().setReader(reader).setFormat(format).get()) {
          index.readRows(parser, csv);
        }
      } catch (CharacterCodingException e) {
        throw new GradusException(csv + " is not UTF-8; save it as UTF-8.", e);
      } catch (NoSuchFileException e) {
        throw new GradusException("There is no file " + csv + ".", e);
      } catch (UncheckedIOException e) {
        throw malformed(csv, e);
      } catch (IOException e) {
        throw new GradusException("Cannot read " + csv + " (" + e + ").", e);
      } catch (IllegalArgumentException e) {
        throw new GradusException("Cannot read " + csv + ": " + e.getMessage(), e);
      }
      return index;
    }

    private static GradusException malformed(Path csv, UncheckedIOException e) {
      Throwable cause = e.getCause();
      return cause instanceof CharacterCodingException
          ? new GradusException(csv + " is not UTF-8; save it as UTF-8.", e)
          : new GradusException(csv + " is no proper CSV file: " + cause.getMessage(), e);
    }

    /** Spreadsheets write one. */
    private static void skipByteOrderMark(Reader reader) throws IOException {
      reader.mark(1);
      if (reader.read() != '\ufeff') {
        reader.reset();
      }
    }

    private void readRows(CSVParser parser, Path csv) {
      List<String> columns = parser.getHeaderNames();
      if (!columns.contains(FILE) || !columns.contains(LABEL)) {
        throw new GradusException(
            csv
                + ", line 1: the columns "
                + FILE
                + " and "
                + LABEL
                + " are needed, but the header names "
                + columns
                + ".");
      }
      boolean hasSplits = columns.contains(SPLIT);
      Path folder = csv.toAbsolutePath().getParent();
      for (CSVRecord row : parser) {
        String where = csv + ", line " + parser.getCurrentLineNumber();
        files.add(file(folder, value(row, FILE, where), where));
        labels.add(value(row, LABEL, where));
        if (hasSplits) {
          splits.add(split(value(row, SPLIT, where), where));
        }
      }
      if (files.isEmpty()) {
        throw new GradusException(csv + " lists no picture: there is no row below the header.");
      }
    }

    private static String value(CSVRecord row, String column, String where) {
      if (!row.isSet(column) || row.get(column).isBlank()) {
        throw new GradusException(
            where + ": the column " + column + " is missing or empty in " + row.toList() + ".");
      }
      return row.get(column);
    }

    private static Path file(Path folder, String name, String where) {
      Path file;
      try {
        file = folder.resolve(name);
      } catch (InvalidPathException e) {
        throw new GradusException(where + ": \"" + name + "\" cannot be a file's name.", e);
      }
      if (!Files.isRegularFile(file)) {
        throw new GradusException(
            where
                + ": there is no file "
                + file
                + ". Paths are relative to the folder of the CSV file.");
      }
      return file;
    }

    private static String split(String name, String where) {
      return switch (name) {
        case "train", "test" -> name;
        case "val", "valid", "validation" -> "validation";
        default ->
            throw new GradusException(
                where + ": the split is \"" + name + "\", but must be train, val or test.");
      };
    }

    /** The samples of one split. */
    int[] of(String split) {
      return IntStream.range(0, splits.size()).filter(i -> splits.get(i).equals(split)).toArray();
    }

    /** Some of the rows. */
    Index keep(int[] rows) {
      return new Index(
          Arrays.stream(rows).mapToObj(files::get).toList(),
          Arrays.stream(rows).mapToObj(labels::get).toList(),
          Arrays.stream(rows).mapToObj(splits::get).toList());
    }

    ImageFiles dataset(Path csv, ColorMode colors) {
      List<String> classes = classes(csv);
      int[] numbers = labels.stream().mapToInt(classes::indexOf).toArray();
      Path folder = csv.toAbsolutePath().getParent();
      return new ImageFiles(
          "csv " + csv.getFileName(), folder, new ImageDecoder(colors), classes, files, numbers);
    }

    private List<String> classes(Path csv) {
      Set<String> names = new TreeSet<>(labels);
      if (names.size() < 2) {
        throw new GradusException(
            csv + " has only the label " + names + "; at least two classes are needed.");
      }
      List<String> classes = new ArrayList<>(names);
      if (classes.stream().allMatch(name -> name.matches("\\d{1,9}"))) {
        classes.sort(Comparator.comparingInt(Integer::parseInt));
      }
      return classes;
    }
  }
}
