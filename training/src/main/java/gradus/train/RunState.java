package gradus.train;

import gradus.optim.GradScaler;
import gradus.schedule.ReduceLROnPlateau;
import gradus.tensor.Precision;
import java.util.List;

/**
 * The small numbers of a run that a checkpoint holds beside the arrays.
 *
 * @param format of the checkpoint, {@link #FORMAT}
 * @param epoch the last finished one, from 1
 * @param passes forward passes with dropout so far: where its random stream stands
 * @param seed of the run
 * @param batches per epoch
 * @param accumulation batches per update
 * @param precision null for float32
 * @param scaler where the scale of the loss stands; null but in float16
 * @param data name, size and labels of the training set
 * @param optimizer with its settings, at the initial rate
 * @param optimizerSteps updates so far
 * @param parameterSteps updates of each parameter, fewer where it was frozen
 * @param plateau null if the run has none
 * @param earlyStopping null if the run has none
 * @param watched names of what the plateau and early stopping go by; null in files of before
 * @param averageUpdates null if the run has no average of weights
 * @param adjustments what a doctor has changed
 * @param epochs what they came to
 */
record RunState(
    int format,
    int epoch,
    long passes,
    long seed,
    int batches,
    int accumulation,
    Precision precision,
    GradScaler.State scaler,
    String data,
    String optimizer,
    long optimizerSteps,
    List<Long> parameterSteps,
    ReduceLROnPlateau.State plateau,
    EarlyStopping.State earlyStopping,
    List<String> watched,
    Long averageUpdates,
    Adjustments adjustments,
    List<EpochReport> epochs) {
  static final int FORMAT = 4;
}
