package gradus.backend.cuda;

import gradus.backend.cuda.Command.Routine;
import java.util.ArrayList;
import java.util.List;

/**
 * Calls on their way to the stream, in order. They are gathered until somebody wants a result or
 * touches the stream otherwise; a sequence that comes again is then started as one graph, which
 * costs the host a fraction of its calls. What the device does is the same either way.
 */
final class CommandQueue implements AutoCloseable {
  private static final int FEWEST_OF_A_GRAPH = 4; // for fewer, a graph is no shortcut
  private static final int MOST = 2000;

  private final CudaContext context;
  private final boolean gathers;
  private final CommandGraphs graphs;
  private final List<Command> commands = new ArrayList<>(); // the first count of them wait
  private int count;
  private long outline;
  private boolean flushing;
  private long failures;

  /** With graphs, or each call made at once. */
  CommandQueue(CudaContext context, boolean gathers, CommandGraphs graphs) {
    this.context = context;
    this.gathers = gathers;
    this.graphs = graphs;
  }

  /** Begins a call, which ends with {@link #add}. */
  Command next(Routine routine, Object subject) {
    if (count == commands.size()) {
      commands.add(new Command());
    }
    Command command = commands.get(count);
    command.begin(routine, subject);
    return command;
  }

  /** The call begun last has all its arguments. */
  void add(Command command) {
    if (commands.get(count) != command) {
      throw new IllegalStateException("The stream was used between the arguments of a call.");
    }
    count++;
    outline = outline * 0x9E3779B97F4A7C15L + command.outline();
    if (!gathers || count == MOST) {
      flush();
    }
  }

  /** Starts what waits. */
  void flush() {
    if (count == 0 || flushing) {
      return;
    }
    flushing = true;
    try {
      context.enter(); // this thread may have called for other devices since
      List<Command> waiting = commands.subList(0, count);
      if (count < FEWEST_OF_A_GRAPH || !graphs.launch(waiting, outline)) {
        for (int i = 0; i < count; i++) {
          commands.get(i).issue();
        }
      }
    } catch (RuntimeException | Error failure) {
      failures++; // what was to follow is left out
      throw failure;
    } finally {
      flushing = false;
      count = 0;
      outline = 0;
    }
  }

  /** How often calls could not be made; those behind them were left out. */
  long failures() {
    return failures;
  }

  @Override
  public void close() {
    commands.forEach(Command::close);
    commands.clear();
  }
}
