package gradus.bench.record;

/**
 * What it costs a whole training run that the doctor watches it: of several rounds, in turns with
 * runs that nobody watches.
 *
 * @param workload W1, W2, ..
 * @param doctor watch or probe
 * @param images to train with
 * @param threads compute threads
 * @param steps of the run
 * @param alone median seconds of the run when nobody watches
 * @param watched median seconds of the run when the doctor watches, without its start
 * @param overhead by how much a watched run is slower, as a part: the median over the rounds, of
 *     two runs that came one after the other
 * @param start median seconds of the doctor before the first step
 * @param trialSteps of the doctor's; 0 in healthy runs, as these are
 */
public record WatchMeasurement(
    Origin origin,
    double disturbance,
    String workload,
    String doctor,
    int images,
    int threads,
    long steps,
    double alone,
    double watched,
    double overhead,
    double start,
    long trialSteps)
    implements Measurement {}
