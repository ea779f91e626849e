package gradus.doctor;

import java.util.List;

/**
 * How the network stood at one moment, judged by the doctor itself in evaluation mode, on the same
 * images every time and without augmentation. The loss is the cross-entropy of the output, whatever
 * the run minimises, with the weights that classes have there.
 *
 * @param epoch from 1; 0 before training
 * @param step of the run
 * @param train on a sample of the training images
 * @param validation on a sample of the validation images, or null without any
 */
public record Checkup(int epoch, long step, Judgement train, Judgement validation) {
  /**
   * A sample of images, judged.
   *
   * @param images how many
   * @param loss mean cross-entropy, weighted by class as the run's; infinite where an output is no
   *     number
   * @param supports images of each class
   * @param hits of each class, how many were found
   * @param predictions how often each class was predicted
   */
  public record Judgement(
      int images,
      double loss,
      double accuracy,
      List<Integer> supports,
      List<Integer> hits,
      List<Integer> predictions) {
    /** The standard error of the accuracy. */
    public double standardError() {
      return Math.sqrt(Math.max(accuracy * (1 - accuracy), 0.25 / images) / images);
    }

    /** The share of predictions that the most frequent class got. */
    public double largestPredictedShare() {
      int most = 0;
      for (int count : predictions) {
        most = Math.max(most, count);
      }
      return (double) most / images;
    }

    /** The share of images that the most frequent class has. */
    public double largestShare() {
      int most = 0;
      for (int count : supports) {
        most = Math.max(most, count);
      }
      return (double) most / images;
    }

    /** The mean recall of the classes that are there. */
    public double macroRecall() {
      double sum = 0;
      int present = 0;
      for (int c = 0; c < supports.size(); c++) {
        if (supports.get(c) > 0) {
          sum += (double) hits.get(c) / supports.get(c);
          present++;
        }
      }
      return sum / Math.max(1, present);
    }
  }
}
