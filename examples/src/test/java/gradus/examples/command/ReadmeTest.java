package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import gradus.examples.TinyCifar;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

/**
 * Runs every {@code ./gradus} command of README.md and of the pages in docs, as it stands there, in
 * a folder that has what a reader has. Only what costs time is added: see {@link #SMALLER}.
 */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern COMMAND =
      Pattern.compile(
          "(?m)^(\\./gradus (?:[^#\\n]*[^#\\s])|curl .*?)(?:\\s+#.*)?$|`(\\./gradus [^`]+)`");

  /** Options added to each command, which count more than what it says itself. */
  private static final Map<String, String> SMALLER =
      Map.ofEntries(
          Map.entry("backends", ""),
          Map.entry("bench", "--workloads W1 --seconds 0.05"),
          Map.entry("bench-data", "--model lenet --batch 8 --seconds 0.05"),
          Map.entry("check", "--limit 40 --batch 20"),
          Map.entry("check-data", "--data folder --data-dir pets"),
          Map.entry("compare", ""),
          Map.entry("demo", "--html demo.html"),
          Map.entry("diagnose", ""),
          Map.entry("doctor-eval", "--only P23 --seeds 1"),
          Map.entry("evaluate", ""),
          Map.entry("export", ""),
          Map.entry(
              "imbalance",
              "--data builtin --model lenet --limit 600 --batch 60 --epochs 1"
                  + " --remedies none,oversample"),
          Map.entry("import", ""),
          Map.entry(
              "label-errors",
              "--data folder --data-dir pets --image-size 8 --model simplecnn --limit 30 --batch 8"
                  + " --folds 2 --epochs 1"),
          Map.entry("lr-find", "--model lenet --batch 8"),
          Map.entry("predict", ""),
          Map.entry("report", ""),
          Map.entry("rerun", ""),
          Map.entry("runs", "--dir runs"),
          Map.entry("search", "--data builtin --limit 128 --trials 2 --epochs 1"),
          Map.entry("serve", "--port 0"),
          Map.entry("summary", ""),
          Map.entry("train", "--limit 40 --batch 20 --epochs 1"));

  /** What stands for a word that a reader puts something else in place of; the rest are files. */
  private static final Map<String, String> WORDS =
      Map.of("NAME", "resnet20", "RUN...", "RUN", "PATH...", "PATH");

  /** Options without a value of their own whose usual value is not free in a test. */
  private static final Map<String, String> ELSEWHERE = Map.of("--dashboard", "--dashboard=0");

  @TempDir static Path scratch;

  /** What a reader has: pictures, and runs of earlier commands under the names in capitals. */
  @BeforeAll
  static void prepare() throws IOException {
    for (String pictures : List.of("pets", "birds")) {
      Files.move(TestPictures.folder(scratch, 20), scratch.resolve(pictures));
    }
    for (String picture : List.of("new-picture.jpg", "cat.jpg", "PATH", "holiday/beach.jpg")) {
      Path file = scratch.resolve(picture);
      Files.createDirectories(file.getParent());
      TestPictures.write(file, true, picture.length());
    }
    Files.writeString(scratch.resolve("TinyNet.java"), ownNetwork());
    Files.writeString(scratch.resolve("log.csv"), "epoch,loss,val_loss\n0,2.1,2.2\n1,1.5,1.6\n");
    TinyCifar.in(Files.createDirectory(scratch.resolve("FOLDER")), 20);
    train("RUN", "simplecnn", "0.02");
    train("runs/a", "simplecnn", "0.02");
    train("runs/b", "simplecnn", "0.01");
    train("of-any-size", "resnet20", "0.02");
    Files.copy(scratch.resolve("of-any-size").resolve(SavedModel.FILE), scratch.resolve("FILE"));
  }

  /** The file that the page shows. */
  private static String ownNetwork() throws IOException {
    Matcher block =
        Pattern.compile("(?s)```java\\n(import .*?)```")
            .matcher(Files.readString(ROOT.resolve("README.md")));
    assertTrue(block.find());
    return block.group(1);
  }

  private static void train(String run, String model, String rate) {
    List<String> words =
        new ArrayList<>(List.of("train", "--data", "folder", "--data-dir", path("pets")));
    words.addAll(List.of("--image-size", "8", "--epochs", "1", "--batch", "8", "--lr", rate));
    words.addAll(List.of("--model", model, "--out", path(run), "--backend", TestBackend.name()));
    Outcome.of(words.toArray(new String[0])).succeeded();
  }

  private static String path(String name) {
    return scratch.resolve(name).toString();
  }

  /**
   * The commands of the pages, in the order a reader comes to them. The README runs a command where
   * it names it; the other pages only speak of it, unless they give it an option.
   */
  private static Set<String> commands() throws IOException {
    Set<String> commands = new LinkedHashSet<>(commands(ROOT.resolve("README.md")));
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      for (Path page : docs.filter(page -> page.toString().endsWith(".md")).sorted().toList()) {
        commands(page).stream().filter(line -> line.matches("\\S+ \\S+ .*")).forEach(commands::add);
      }
    }
    return commands;
  }

  private static List<String> commands(Path page) throws IOException {
    return COMMAND
        .matcher(Files.readString(page))
        .results()
        .map(found -> found.group(1) != null ? found.group(1) : found.group(2))
        .toList();
  }

  @Test
  void thePagesHaveEveryCommandThereIs() throws IOException {
    Set<String> named = new TreeSet<>();
    commands().forEach(command -> named.add(command.split(" ", 3)[1]));
    named.remove("COMMAND");
    named.removeIf(name -> name.startsWith("-")); // of curl
    Set<String> there = new TreeSet<>(Commands.commandLine().getSubcommands().keySet());
    assertEquals(there, named);
    assertEquals(there, new TreeSet<>(SMALLER.keySet()), "a command that no test knows how to run");
    assertTrue(commands().size() > 30, commands().toString());
  }

  @TestFactory
  Stream<DynamicTest> everyCommandDoesWhatItSays() throws IOException {
    List<String> all = new ArrayList<>(commands());
    List<String> requests = all.stream().filter(line -> line.startsWith("curl ")).toList();
    all.removeAll(requests);
    return all.stream().map(line -> DynamicTest.dynamicTest(line, () -> run(line, requests)));
  }

  private static void run(String line, List<String> requests) throws Exception {
    List<String> words =
        new ArrayList<>(List.of(line.substring("./gradus ".length()).split(" +", -1)));
    if (words.get(0).equals("COMMAND")) {
      for (String command : SMALLER.keySet()) {
        assertTrue(
            Outcome.of(command, words.get(1))
                .succeeded()
                .out()
                .contains("Usage: gradus " + command));
      }
      return;
    }
    String smaller = SMALLER.get(words.get(0));
    assertTrue(smaller != null, "say in SMALLER how to run " + words.get(0) + " in a moment");
    words.replaceAll(word -> word.replace("\"", "")); // as a shell does
    words.replaceAll(word -> WORDS.getOrDefault(word, ELSEWHERE.getOrDefault(word, word)));
    words.replaceAll(
        word -> word.endsWith(".java") ? path(word) : word); // compiled when it is read
    words.replaceAll(word -> word.startsWith("@") ? "@" + ROOT.resolve(word.substring(1)) : word);
    if (!smaller.isEmpty()) {
      words.addAll(List.of(smaller.split(" ", -1)));
    }
    Set<String> options =
        Commands.commandLine()
            .getSubcommands()
            .get(words.get(0))
            .getCommandSpec()
            .optionsMap()
            .keySet();
    if (options.contains("--backend")) {
      words.addAll(List.of("--backend", TestBackend.name()));
    }
    if (options.contains("--out")
        && !words.contains("--out")
        && !List.of("report", "rerun").contains(words.get(0))) {
      words.addAll(
          List.of(
              "--out",
              "runs/unnamed-" + Integer.toHexString(line.hashCode()))); // not in this folder
    }
    Set<String> files = files(words);
    words.subList(1, words.size()).replaceAll(word -> files.contains(word) ? path(word) : word);
    if (words.get(0).equals("serve")) {
      serve(words, requests);
    } else {
      Outcome.of(words.toArray(new String[0])).succeeded();
    }
    for (String file : files) {
      assertTrue(Files.exists(scratch.resolve(file)), file + " is not there");
    }
    if (words.get(0).equals("train")) {
      Path out = Path.of(words.get(words.lastIndexOf("--out") + 1));
      for (String file :
          List.of("model.safetensors", "report.html", "metrics.csv", "metrics.jsonl", "run.json")) {
        assertTrue(Files.size(out.resolve(file)) > 0, file);
      }
    }
  }

  /**
   * The words that name files and folders, by the types of the options and parameters they are of.
   */
  private static Set<String> files(List<String> words) {
    CommandLine.ParseResult parsed =
        Commands.commandLine().parseArgs(words.toArray(new String[0])).subcommand();
    Set<String> files = new LinkedHashSet<>();
    List<ArgSpec> arguments = new ArrayList<>(parsed.matchedOptions());
    arguments.addAll(parsed.matchedPositionals());
    for (ArgSpec argument : arguments) {
      if (argument.typeInfo().getType() == Path.class
          || argument.typeInfo().getAuxiliaryTypes()[0] == Path.class) {
        argument.originalStringValues().stream().filter(words::contains).forEach(files::add);
      }
    }
    return files;
  }

  /** Starts it as a person does, sends it what the page says, and ends it. */
  private static void serve(List<String> words, List<String> requests) throws Exception {
    List<String> program =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "gradus.examples.Gradus"));
    program.addAll(words);
    Process server = new ProcessBuilder(program).redirectErrorStream(true).start();
    try (BufferedReader output = server.inputReader(StandardCharsets.UTF_8)) {
      String line = output.readLine();
      assertTrue(line != null && line.contains(" on http://127.0.0.1:"), line);
      URI uri = URI.create(line.replaceAll(".* on (\\S+) .*", "$1"));
      assertTrue(!requests.isEmpty(), "the page asks the server nothing");
      for (String request : requests) {
        ask(uri, request.split(" +", -1));
      }
    } finally {
      server.destroy();
      assertTrue(server.waitFor(60, TimeUnit.SECONDS));
    }
    assertEquals(0, server.exitValue());
  }

  /** {@code curl --data-binary @FILE URL} */
  private static void ask(URI server, String[] curl) throws IOException, InterruptedException {
    assertEquals("--data-binary", curl[1]);
    Path picture = scratch.resolve(curl[2].substring(1));
    HttpRequest request =
        HttpRequest.newBuilder(server.resolve(URI.create(curl[3]).getPath()))
            .POST(BodyPublishers.ofFile(picture))
            .build();
    String answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    JsonNode json = new ObjectMapper().readTree(answer);
    assertTrue(json.get("label").isTextual() && json.get("probability").isNumber(), answer);
    assertTrue(json.get("top").isArray(), answer);
  }
}
