package gradus.optim;

/**
 * One step of an optimizer, for a group of parameters.
 *
 * @param learningRate the rate of this step
 * @param number which step this is for these parameters, from 1; those frozen meanwhile lag behind
 */
public record OptimizerStep(double learningRate, long number) {}
