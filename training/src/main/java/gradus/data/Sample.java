package gradus.data;

import gradus.data.image.Image;

/**
 * One example of a data set.
 *
 * @param image what is seen
 * @param label the number of its class, from 0
 */
public record Sample(Image image, int label) {}
