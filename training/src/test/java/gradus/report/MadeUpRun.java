package gradus.report;

import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.data.DataLoader;
import gradus.data.DataSplits;
import gradus.data.Dataset;
import gradus.data.Sample;
import gradus.data.image.Image;
import gradus.data.transform.RandomHorizontalFlip;
import gradus.data.transform.RandomRotation;
import gradus.layer.Conv2d;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Sequential;
import gradus.layer.Summary;
import gradus.tensor.Shape;
import gradus.train.EpochReport;
import gradus.train.Evaluation;
import gradus.train.StopReason;
import gradus.train.TrainingReport;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** The files of a run that never was, of any length, with names of one's choice. */
record MadeUpRun(Path folder, List<String> classes, int epochs, int images, int side) {
  /** The best validation loss is here, whatever comes after. */
  int best() {
    return Math.max(1, epochs * 3 / 5);
  }

  RunReport report() {
    return new RunReport(
        folder.getFileName().toString(),
        folder.resolve("run.json"),
        folder.resolve("metrics.jsonl"),
        folder.resolve("test.json"),
        folder.resolve("pictures.json"));
  }

  /** Writes all of it. */
  MadeUpRun write(Map<String, Object> settings) {
    Noise data = new Noise(classes, images, side);
    TestMetrics metrics = new TestMetrics(classes.size());
    judge(metrics);
    Evaluation test = new Evaluation(images, 0.4321, metrics.confusion().accuracy());
    List<EpochReport> reports = IntStream.rangeClosed(1, epochs).mapToObj(this::epoch).toList();
    MetricsCsv csv = new MetricsCsv(folder.resolve("metrics.csv"));
    MetricsJsonl lines = new MetricsJsonl(folder.resolve("metrics.jsonl"));
    csv.onResume(reports.subList(0, epochs - 1));
    lines.onResume(reports.subList(0, epochs - 1));
    csv.onEpoch(reports.get(epochs - 1));
    lines.onEpoch(reports.get(epochs - 1));
    Map<String, Object> configuration = new LinkedHashMap<>();
    configuration.put("model", "resnet20");
    configuration.put("data", "made-up");
    configuration.put("epochs", epochs);
    configuration.put("augment", List.of("crop", "flip"));
    configuration.put("monitor", "validation-loss");
    configuration.putAll(settings);
    configuration.putIfAbsent("doctor", "probe");
    boolean watched = !configuration.get("doctor").equals("off");
    if (watched) {
      MadeUpFindings.vitals(6, 40).write(folder.resolve(VitalsSeries.FILE));
    }
    TrainingReport training =
        new TrainingReport(reports, StopReason.COMPLETED, 700L * epochs, 12.5 * epochs, 3600);
    new RunRecord(
            List.of("train", "--model", "resnet20"),
            List.of(),
            configuration,
            1,
            "cpu: 2 threads, AVX-512",
            summary(),
            Map.of("gradus", "0.1.0", "java", "17.0.15"),
            new DataSplits(data, data, data),
            RunOutcome.of(training, test, "abc")
                .withFindings(watched ? MadeUpFindings.all() : null),
            Instant.parse("2026-01-02T03:04:05.678Z"),
            13.0 * epochs)
        .write(folder.resolve("run.json"));
    new TestRecord(data, test, metrics).write(folder.resolve("test.json"));
    int[] shown = IntStream.range(0, PictureRecord.PICTURES).toArray();
    try (DataLoader loader =
        DataLoader.of(data)
            .batchSize(shown.length)
            .sampler(epoch -> shown)
            .workers(0)
            .transform(new RandomHorizontalFlip(), new RandomRotation(15))
            .build()) {
      new PictureRecord(AugmentedPicture.take(loader, PictureRecord.VIEWS, shown))
          .write(folder.resolve("pictures.json"));
    }
    return this;
  }

  private EpochReport epoch(int epoch) {
    double done = (double) epoch / epochs;
    double overfit = 0.4 * Math.abs(epoch - best()) / epochs;
    double wobble = epoch == best() ? 0 : 0.02 * (1 + Math.sin(epoch * 1.7));
    return new EpochReport(
        epoch,
        2.3 * Math.exp(-4 * done),
        1 - 0.9 * Math.exp(-5 * done),
        0.4 + overfit + wobble,
        0.88 - overfit / 2 - wobble,
        0.1 * (1 + Math.cos(Math.PI * done)) / 2,
        12 + Math.sin(epoch),
        3600 + 100 * Math.cos(epoch));
  }

  private void judge(TestMetrics metrics) {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < images; i++) {
      float[] logits = new float[classes.size()];
      for (int c = 0; c < logits.length; c++) {
        logits[c] = (float) (random.nextDouble() * 3.5);
      }
      logits[i % classes.size()] += 2.2f;
      int[] label = {i % classes.size()};
      metrics.add(logits, logits.length, IntBuffer.wrap(label));
    }
  }

  static Summary summary() {
    try (Backend backend = Backends.named("reference");
        Model model =
            Model.build(
                backend,
                new Sequential(new Conv2d(8, 3), new Linear(10)),
                Shape.of(3, 16, 16),
                1)) {
      return model.summary();
    }
  }

  /** Pictures that no compression helps with. */
  private record Noise(List<String> classNames, int size, int side) implements Dataset {
    @Override
    public String name() {
      return "noise";
    }

    @Override
    public Sample get(int index) {
      byte[] pixels = new byte[3 * side * side];
      new SplittableRandom(index).nextBytes(pixels);
      return new Sample(Image.ofBytes(3, side, side, pixels), label(index));
    }

    @Override
    public int label(int index) {
      return index % classNames.size();
    }

    @Override
    public String contentHash() {
      return "0123456789abcdef".repeat(4);
    }

    @Override
    public String describe(int index) {
      return classNames.get(label(index)) + "/picture-" + index + ".png";
    }
  }
}
