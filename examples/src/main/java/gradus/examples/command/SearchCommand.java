package gradus.examples.command;

import gradus.GradusException;
import gradus.metric.Monitor;
import gradus.search.Dimension;
import gradus.search.FullSearch;
import gradus.search.Hyperband;
import gradus.search.MedianPruner;
import gradus.search.SearchPlan;
import gradus.search.SearchSpace;
import gradus.search.SearchStrategy;
import gradus.search.SuccessiveHalving;
import gradus.search.TPESampler;
import gradus.search.TrialResult;
import gradus.search.TrialSampler;
import gradus.train.EpochReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Searches for settings that train well. */
@Command(
    name = "search",
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Trains with many settings and says which did best on the validation images, by accuracy or by",
      "the metric that --monitor names. Every trial is a run of its own below --out; all options of",
      "train that are not here are passed on to it.",
      "A..B is a range, on a logarithmic scale; A,B,C a choice."
    },
    footer = {
      "",
      "Example: ./gradus search --data mnist --limit 5000 --lr 0.0001..1 --batch 32,64 --trials 9"
    })
final class SearchCommand implements Callable<Integer> {
  /** Which trials get how many epochs. */
  enum Strategy {
    HALVING,
    HYPERBAND,
    RANDOM,
    TPE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Over four decades of learning rates, neighbours are then a factor of 2 apart. */
  private static final int TRIALS = 14;

  /** Options of {@code train} that a trial cannot have. */
  private static final List<String> OWN =
      List.of("--overwrite", "--keep", "--checkpoint-every", "--early-stopping", "--time-limit");

  @Spec private CommandSpec spec;

  @Option(
      names = "--lr",
      paramLabel = "A..B",
      defaultValue = "0.0001..1",
      description = "Learning rates. Default: ${DEFAULT-VALUE}")
  private String rate;

  @Option(names = "--batch", paramLabel = "N,..", description = "Batch sizes.")
  private String batch;

  @Option(names = "--weight-decay", paramLabel = "A..B", description = "Weight decays.")
  private String weightDecay;

  @Option(names = "--optimizer", paramLabel = "NAME,..", description = "Optimizers.")
  private String optimizer;

  @Option(
      names = "--augment",
      paramLabel = "NAMES,..",
      description = "Augmentations, such as none,flip,crop+flip.")
  private String augment;

  @Option(names = "--model", paramLabel = "NAME,..", description = "Networks.")
  private String model;

  @Option(
      names = "--trials",
      paramLabel = "N",
      description = "How many settings to try. Default: 14; of hyperband one round, 17 of 9 epochs")
  private Integer trials;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "9",
      description = "Epochs of the best; schedules are made for them. Default: ${DEFAULT-VALUE}")
  private int epochs;

  @Option(
      names = "--strategy",
      paramLabel = "NAME",
      defaultValue = "halving",
      description = {
        "halving: all get a few epochs, the best third three times as many, and so on (default).",
        "hyperband: halving of many trials from few epochs on, then of fewer from more on.",
        "random: each gets all, but those worse than the median are stopped.",
        "tpe: as random, but chooses what is like the best so far: for 20 trials and more."
      })
  private Strategy strategy;

  @Option(
      names = "--factor",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "halving and hyperband go on with one trial of so many. Default: ${DEFAULT-VALUE}")
  private int factor;

  @Option(
      names = "--min-epochs",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "halving gives every trial so many at least: more where one says little."
              + " Default: ${DEFAULT-VALUE}")
  private int minEpochs;

  @Option(names = "--no-pruning", description = "random and tpe stop no trial.")
  private boolean noPruning;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "So many trials at a time, each with its share of the processors, for networks too small"
              + " to keep all busy. Each trial comes to the same bits; tpe chooses a trial without"
              + " knowing those that still run. Default: ${DEFAULT-VALUE}")
  private int parallel;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Of what is tried, and of every run: the same seed gives the same search."
              + " Default: ${DEFAULT-VALUE}")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where trials, trials.csv and search.html go. Default: runs/search-TIME")
  private Path out;

  @Option(
      names = "--resume",
      description =
          "Go on with the search in --out: what is finished is kept. Repeat its other options.")
  private boolean resume;

  @Unmatched private List<String> passedOn = new ArrayList<>();

  private PrintWriter print;

  @Override
  public Integer call() {
    print = spec.commandLine().getOut();
    SearchSpace space = space();
    check();
    Path folder = out != null ? out : RunFolder.standard("search");
    List<String> common = new ArrayList<>(passedOn);
    common.addAll(List.of("--seed", Long.toString(seed)));
    TrialRuns runs = new TrialRuns(folder, epochs, common, parallel);
    Monitor watched = watched(runs.arguments(space.quasiRandom(seed).sample(1, List.of())));
    Comparator<EpochReport> ranking = EpochReport.ranking(watched);
    SearchPlan plan = new SearchPlan(sampler(space, ranking), trials(), epochs, parallel, ranking);
    requireUnused(folder);
    line(
        "%d trials, %s, up to %d epochs each; results go to %s",
        plan.trials(), strategy, epochs, folder);
    SearchLedger ledger = new SearchLedger(folder, space, plan.trials(), watched);
    try (Interrupts interrupts =
        new Interrupts(
            runs::stop,
            spec.commandLine().getErr(),
            "Stopping what runs after this step; it will be saved. Again to quit now.")) {
      try {
        List<TrialResult> results =
            strategy()
                .search(
                    plan,
                    runs,
                    result -> {
                      ledger.add(result);
                      line("%s", ledger.line(result));
                    });
        return conclude(results, ledger, runs, ranking);
      } catch (TrialRuns.Interrupted interrupted) {
        if (runs.failure() != null) {
          throw runs.failure();
        }
        line("Stopped. Repeat the command with --out %s --resume to go on.", folder);
        return interrupts.exitCode();
      }
    }
  }

  private SearchSpace space() {
    Map<String, String> given = new LinkedHashMap<>();
    given.put("lr", rate);
    given.put("batch", batch);
    given.put("weight-decay", weightDecay);
    given.put("optimizer", optimizer);
    given.put("augment", augment);
    given.put("model", model);
    List<Dimension> dimensions = new ArrayList<>();
    for (Map.Entry<String, String> entry : given.entrySet()) {
      if (entry.getValue() != null) {
        try {
          dimensions.add(Dimension.parse(entry.getKey(), entry.getValue()));
        } catch (GradusException e) {
          throw new UsageException("--" + e.getMessage());
        }
      }
    }
    return new SearchSpace(dimensions);
  }

  private void check() {
    UsageException.unless(
        trials == null || (trials >= 1 && trials <= 10_000),
        "--trials is " + trials + ", but must be from 1 to 10000; 9 to 50 are usual.");
    UsageException.unless(
        parallel >= 1 && parallel <= 256,
        "--parallel is " + parallel + ", but must be from 1 to 256; 1 is usual.");
    UsageException.unless(epochs >= 1, "--epochs is " + epochs + ", but must be at least 1.");
    UsageException.unless(
        factor >= 2, "--factor is " + factor + ", but must be at least 2; 3 is usual.");
    UsageException.unless(
        minEpochs >= 1 && minEpochs <= epochs,
        "--min-epochs is " + minEpochs + ", but must be from 1 to --epochs, " + epochs + ".");
    UsageException.unless(
        !resume || out != null,
        "--resume needs --out DIR, the folder of the search to go on with.");
    for (String option : OWN) {
      UsageException.unless(
          passedOn.stream().noneMatch(o -> o.equals(option) || o.startsWith(option + "=")),
          option + " is for train alone: a search decides itself how long a trial goes on.");
    }
  }

  /** What a trial watches; finds a mistake in what is passed on before any training. */
  private static Monitor watched(List<String> arguments) {
    try {
      return Commands.commandLine()
          .parseArgs(arguments.toArray(new String[0]))
          .subcommand()
          .matchedOptionValue("--monitor", Monitor.VALIDATION_LOSS);
    } catch (ParameterException wrong) {
      throw new UsageException(wrong.getMessage() + " (an option of train)");
    }
  }

  private void requireUnused(Path folder) {
    if (resume || !Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      if (entries.anyMatch(entry -> entry.getFileName().toString().startsWith("trial-"))) {
        throw new GradusException(
            "--out "
                + folder
                + " already holds a search. Choose another folder, or add --resume to go on.");
      }
    } catch (IOException e) {
      throw new GradusException("--out " + folder + " cannot be listed (" + e + ").", e);
    }
  }

  private int trials() {
    if (trials != null) {
      return trials;
    }
    return strategy == Strategy.HYPERBAND ? new Hyperband(factor).trialsOfRound(epochs) : TRIALS;
  }

  private TrialSampler sampler(SearchSpace space, Comparator<EpochReport> ranking) {
    return switch (strategy) {
      case HALVING -> space.even(trials(), seed);
      case HYPERBAND, RANDOM -> space.quasiRandom(seed);
      case TPE -> new TPESampler(space, seed, Math.max(2, Math.min(10, trials() / 3)), ranking);
    };
  }

  private SearchStrategy strategy() {
    return switch (strategy) {
      case HALVING -> new SuccessiveHalving(factor, minEpochs);
      case HYPERBAND -> new Hyperband(factor);
      case RANDOM, TPE -> noPruning ? new FullSearch() : new FullSearch(new MedianPruner(1, 4));
    };
  }

  private int conclude(
      List<TrialResult> results,
      SearchLedger ledger,
      TrialRuns runs,
      Comparator<EpochReport> ranking) {
    line("%n%s", ledger.table());
    line(
        "%d epochs trained; all trials to the end would have been %d.",
        TrialResult.epochs(results), results.size() * epochs);
    TrialResult best =
        results.stream()
            .filter(result -> !result.progress().epochs().isEmpty())
            .max(TrialResult.by(ranking))
            .orElseThrow(
                () ->
                    new GradusException(
                        "No trial finished an epoch: all diverged. Search smaller learning rates."));
    line("The best is trial %d: %s", best.trial().number(), runs.folder(best.trial()));
    line("Its run: ./gradus %s", String.join(" ", runs.arguments(best.trial())));
    line("All trials: %s and search.html beside it", ledger.csv());
    return 0;
  }

  private void line(String format, Object... values) {
    print.println(String.format(Locale.ROOT, format, values));
    print.flush();
  }
}
