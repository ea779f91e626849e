package gradus.train;

/**
 * What one training step came to.
 *
 * @param epoch from 1
 * @param step within the epoch, from 1
 * @param steps of the epoch
 * @param examples in the batch
 * @param loss the mean over the batch
 * @param correct how many of the batch were right, before the update
 * @param learningRate of the update
 */
public record StepReport(
    int epoch, int step, int steps, int examples, float loss, int correct, double learningRate) {}
