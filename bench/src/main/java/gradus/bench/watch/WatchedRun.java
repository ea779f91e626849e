package gradus.bench.watch;

import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.transform.Normalize;
import gradus.doctor.Doctor;
import gradus.doctor.DoctorMode;
import gradus.examples.bench.StepBenchmark;
import gradus.examples.bench.Workload;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.SGD;
import gradus.train.Trainer;
import gradus.train.TrainingListener;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.Arrays;

/** Trains a workload's network by the training loop, with a doctor or without one. */
public final class WatchedRun {
  private static final long SEED = 1;
  private static final int WORKERS = 1;
  private static final int HELD_OUT_PART = 10;

  private final Backend backend;
  private final Workload workload;
  private final int epochs;
  private final Dataset train;
  private final Dataset validation;

  /**
   * What a run took.
   *
   * @param startSeconds of the doctor before the first step: its checks, and a first examination
   * @param seconds of the rest: steps, validation, and whoever watches
   * @param steps of the run
   * @param trialSteps of the doctor's, 0 in a healthy run
   * @param findings how many the doctor has, 0 in a healthy run
   * @param nativeBytes that live at the end of it
   * @param heapBytes of Java that live then, pictures included
   */
  public record Times(
      double startSeconds,
      double seconds,
      long steps,
      long trialSteps,
      int findings,
      long nativeBytes,
      long heapBytes) {}

  /** Runs on {@code images} images to train with and a tenth of that to validate with. */
  public WatchedRun(Backend backend, Workload workload, int images, int epochs) {
    this.backend = backend;
    this.workload = workload;
    this.epochs = epochs;
    this.train = new Patterns(workload.image(), images, 1);
    this.validation =
        new Patterns(workload.image(), Math.max(workload.batch(), images / HELD_OUT_PART), 2);
  }

  /**
   * Runs once, from new weights.
   *
   * @param mode of the doctor, or null for none
   */
  public Times run(DoctorMode mode) {
    try (Model model =
            Model.build(
                backend, workload.network().create(StepBenchmark.CLASSES), workload.image(), SEED);
        SGD optimizer =
            SGD.of(model.parameters())
                .learningRate(StepBenchmark.LEARNING_RATE)
                .momentum(StepBenchmark.MOMENTUM)
                .build();
        DataLoader batches = settings(train).shuffle(SEED).build();
        DataLoader judged = settings(validation).build();
        Doctor doctor =
            Doctor.attach(model, new CrossEntropyLoss(), optimizer).data(batches, judged)) {
      Trainer trainer = new Trainer(model, new CrossEntropyLoss(), optimizer).seed(SEED);
      long[] start = new long[2];
      if (mode != null) {
        trainer.listener(atStart(() -> start[0] = System.nanoTime()));
        trainer.doctor(doctor.mode(mode));
        trainer.listener(atStart(() -> start[1] = System.nanoTime()));
      }
      long begin = System.nanoTime();
      long steps = trainer.fit(batches, judged, epochs).steps();
      double seconds = (System.nanoTime() - begin) * 1e-9;
      double startSeconds = (start[1] - start[0]) * 1e-9;
      return new Times(
          startSeconds,
          seconds - startSeconds,
          steps,
          doctor.trialSteps(),
          doctor.findings().size(),
          backend.memory().liveBytes(),
          liveHeap());
    }
  }

  private static long liveHeap() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }

  private DataLoader.Builder settings(Dataset data) {
    int channels = workload.image().dim(0);
    float[] half = new float[channels];
    Arrays.fill(half, 0.5f);
    return DataLoader.of(data)
        .batchSize(workload.batch())
        .workers(WORKERS)
        .transform(Normalize.of(half, half));
  }

  private static TrainingListener atStart(Runnable action) {
    return new TrainingListener() {
      @Override
      public void onStart(int epochs) {
        action.run();
      }
    };
  }
}
