package gradus.examples.command;

import gradus.backend.Backend;
import gradus.backend.BackendProvider;
import gradus.backend.Backends;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists every backend, whether it can run here, and which one would be chosen. */
@Command(
    name = "backends",
    description = "Lists the backends: available or why not, and which one is chosen (*).")
final class BackendsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private BackendChoice choice;

  @Option(
      names = "--verbose",
      description = "Also show the machine and the versions of Java and Gradus.")
  private boolean verbose;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    String chosen;
    try (Backend backend = choice.open()) {
      chosen = backend.name();
    }
    for (BackendProvider provider : Backends.providers()) {
      String mark = provider.name().equals(chosen) ? "*" : " ";
      out.printf("%s %-10s %s%n", mark, provider.name(), state(provider));
    }
    if (verbose) {
      out.println();
      Versions.all().forEach((what, version) -> out.printf("%-12s %s%n", what, version));
    }
    return 0;
  }

  private static String state(BackendProvider provider) {
    Optional<String> reason = provider.unavailableReason();
    if (reason.isPresent()) {
      return "not available: " + reason.get();
    }
    try (Backend backend = provider.open(gradus.backend.BackendOptions.DEFAULT)) {
      return "available: " + backend.describe();
    }
  }
}
