package gradus.doctor.cause;

import gradus.autograd.Pass;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.doctor.Examiner;
import gradus.doctor.Subject;
import gradus.tensor.Batch;
import java.util.ArrayList;
import java.util.List;

/**
 * What the network takes a sample of images for.
 *
 * @param classes of the data
 * @param answers one for each image, in the order of the sample
 */
record Knowledge(int classes, List<Answer> answers) {
  private static final int IMAGES = 1_000;

  /**
   * Of one image.
   *
   * @param label what it is
   * @param taken the class it is taken for
   * @param probability that the network gives that class, by softmax
   */
  record Answer(int label, int taken, double probability) {
    boolean isRight() {
      return label == taken;
    }
  }

  /** In evaluation mode, without augmentation. */
  static Knowledge of(Subject subject, DataLoader images) {
    int classes = subject.classes();
    List<Answer> answers = new ArrayList<>();
    try (DataLoader sample = Examiner.sample(images, IMAGES, subject.seed());
        Epoch epoch = sample.epoch(0)) {
      for (Batch batch : epoch) {
        float[] logits;
        try (Pass pass = Pass.evaluating(subject.model().backend())) {
          logits = subject.model().forward(pass.images(batch)).toArray();
        }
        int outputs = logits.length / batch.size();
        for (int i = 0; i < batch.size(); i++) {
          answers.add(
              answer(batch.labels().get(i), logits, i * outputs, Math.min(outputs, classes)));
        }
      }
    }
    return new Knowledge(classes, answers);
  }

  private static Answer answer(int label, float[] logits, int from, int count) {
    int best = 0;
    for (int c = 1; c < count; c++) {
      best = logits[from + c] > logits[from + best] ? c : best;
    }
    double sum = 0;
    for (int c = 0; c < count; c++) {
      sum += Math.exp(logits[from + c] - logits[from + best]);
    }
    return new Answer(label, best, 1 / sum);
  }

  /** The mean probability of what images are taken for. */
  double sureness() {
    return answers.stream().mapToDouble(Answer::probability).average().orElse(Double.NaN);
  }

  double accuracy() {
    return answers.stream().filter(Answer::isRight).count() / (double) answers.size();
  }

  /** The share of images that are taken for other classes than the other sample's are: 0 to 1. */
  double differenceTo(Knowledge other) {
    double[] more = new double[classes];
    answers.forEach(answer -> more[answer.taken()] += 1.0 / answers.size());
    other.answers.forEach(answer -> more[answer.taken()] -= 1.0 / other.answers.size());
    double sum = 0;
    for (double difference : more) {
      sum += Math.abs(difference) / 2;
    }
    return sum;
  }

  /** The images at every other place of the sample, the first among them or not. */
  Knowledge half(boolean first) {
    List<Answer> half = new ArrayList<>();
    for (int i = first ? 0 : 1; i < answers.size(); i += 2) {
      half.add(answers.get(i));
    }
    return new Knowledge(classes, half);
  }

  /** How often images with a label, the row, are taken for each class. */
  int[][] confusion() {
    int[][] counts = new int[classes][classes];
    answers.forEach(answer -> counts[answer.label()][answer.taken()]++);
    return counts;
  }
}
