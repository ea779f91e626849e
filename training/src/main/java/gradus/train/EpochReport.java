package gradus.train;

/**
 * What one epoch came to. Training numbers are means over the epoch, taken while the weights
 * changed; validation numbers are taken after it, and are NaN when there is no validation set.
 *
 * @param epoch from 1
 * @param learningRate of its last step
 * @param seconds of training, without the validation
 * @param imagesPerSecond while training
 */
public record EpochReport(
    int epoch,
    double trainLoss,
    double trainAccuracy,
    double validationLoss,
    double validationAccuracy,
    double learningRate,
    double seconds,
    double imagesPerSecond) {}
