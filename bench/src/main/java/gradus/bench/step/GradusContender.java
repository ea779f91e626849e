package gradus.bench.step;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.examples.bench.StepBenchmark;
import gradus.examples.bench.StepBenchmark.Mode;
import gradus.tensor.Precision;

/** This framework, on its CPU backend. */
public final class GradusContender implements Contender {
  private final Backend backend;
  private final StepBenchmark benchmark;
  private final Precision precision;

  GradusContender(Task task) {
    backend = Backends.named("cpu", BackendOptions.DEFAULT.withThreads(task.threads()));
    benchmark = new StepBenchmark(backend, task.workload(), task.batch());
    precision = task.precision();
    benchmark.precision(precision);
  }

  /** Times a task. */
  public static void main(String[] arguments) {
    ContenderProcess.main(arguments, GradusContender::new);
  }

  @Override
  public String version() {
    return backend.describe() + (precision == Precision.FP32 ? "" : ", " + precision);
  }

  @Override
  public long parameters() {
    return benchmark.parameters();
  }

  @Override
  public float step(Mode mode) {
    return benchmark.step(mode);
  }

  @Override
  public void close() {
    benchmark.close();
    backend.close();
  }
}
