package gradus.doctor.signal;

/**
 * What a layer gives out, over all images that were shown to it.
 *
 * @param path of the layer in its model, such as {@code stage2.conv1}
 * @param kind of layer, such as {@code Conv2d} or {@code ReLU}
 * @param mean over all values; no number if one of them is none
 * @param std standard deviation of all values; no number if one of them is none
 * @param deadShare of ReLU and ReLU6: which part of the units gives nothing above 0 for any image;
 *     0 of other layers, and inside a gate, whose input hardly differs from image to image
 * @param saturatedShare of sigmoid and tanh: for which part of the units more than 90 % of the
 *     values are where the slope is below 5 % of the steepest; of ReLU6: at 6; 0 of other layers,
 *     and inside a gate
 * @param units channels of {@code [N,C,H,W]}, features of {@code [N,F]}
 */
public record LayerSignal(
    String path,
    String kind,
    double mean,
    double std,
    double deadShare,
    double saturatedShare,
    int units) {}
