package gradus.optim;

/**
 * One step of an optimizer.
 *
 * @param learningRate the rate of this step
 * @param number the number of this step, from 1
 */
public record OptimizerStep(float learningRate, long number) {}
