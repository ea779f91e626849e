package gradus.backend.cuda;

import gradus.GradusException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/**
 * The sequences of calls that came lately, and the graphs of those that came again. A training run
 * has a few of each: a step's forward and backward pass, with full batches and with the last one of
 * an epoch.
 */
final class CommandGraphs implements AutoCloseable {
  private static final Logger LOG = System.getLogger(CommandGraphs.class.getName());
  private static final int MOST = 64;
  private static final int MOST_REFUSALS = 3; // of a sequence: the reason may have been another one

  private final CudaContext context;
  private final List<Sequence> sequences = new ArrayList<>(); // the one that came last is first
  private long launches;
  private boolean warned;

  /** One that came at least once. */
  private static final class Sequence {
    private final long outline;
    private CommandGraph graph; // null at first
    private int refusals;

    private Sequence(long outline) {
      this.outline = outline;
    }
  }

  CommandGraphs(CudaContext context) {
    this.context = context;
  }

  /** Starts these calls as a graph, or does nothing and says false. */
  boolean launch(List<Command> commands, long outline) {
    Sequence sequence = find(outline);
    if (sequence == null) { // the first time plans are made and libraries load what they need
      remember(new Sequence(outline));
      return false;
    }
    if (sequence.refusals == MOST_REFUSALS) {
      return false;
    }
    try {
      if (sequence.graph == null) {
        sequence.graph = new CommandGraph(context, commands);
      }
      boolean launched = sequence.graph.launch(commands);
      launches += launched ? 1 : 0;
      return launched;
    } catch (GradusException refusal) { // if the device is broken, the calls will say so one by one
      CudaStatus.forget();
      close(sequence);
      sequence.graph = null;
      sequence.refusals++;
      warn(commands.size(), refusal);
      return false;
    }
  }

  private void warn(int calls, GradusException refusal) {
    if (!warned) {
      warned = true;
      LOG.log(
          Level.WARNING,
          "{0} calls that repeat cannot be started as one CUDA graph, and are made one by one: {1}",
          calls,
          refusal.getMessage());
    }
  }

  private Sequence find(long outline) {
    for (int i = 0; i < sequences.size(); i++) {
      if (sequences.get(i).outline == outline) {
        sequences.add(0, sequences.remove(i));
        return sequences.get(0);
      }
    }
    return null;
  }

  private void remember(Sequence sequence) {
    sequences.add(0, sequence);
    if (sequences.size() > MOST) {
      close(sequences.remove(MOST));
    }
  }

  /** How many graphs have been started. */
  long launches() {
    return launches;
  }

  private static void close(Sequence sequence) {
    if (sequence.graph != null) {
      sequence.graph.close();
    }
  }

  @Override
  public void close() {
    sequences.forEach(CommandGraphs::close);
    sequences.clear();
  }
}
