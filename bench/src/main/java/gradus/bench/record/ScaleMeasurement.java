package gradus.bench.record;

/**
 * What an image of a whole training run takes, validation included, and what memory the run holds.
 *
 * @param workload W1, W2, ..
 * @param images to train with
 * @param epochs how often they were seen
 * @param threads compute threads
 * @param microsPerImage of training
 * @param nativeMegabytes that live at the end of the run
 * @param heapMegabytes of Java that live then, pictures included
 */
public record ScaleMeasurement(
    Origin origin,
    double disturbance,
    String workload,
    int images,
    int epochs,
    int threads,
    double microsPerImage,
    double nativeMegabytes,
    double heapMegabytes)
    implements Measurement {}
