package gradus.doctor.labels;

/**
 * A label that is likely to be wrong.
 *
 * @param index of the sample in its data set
 * @param given the class it is labelled with
 * @param suggested the class it seems to be of
 * @param confidence the probability of the suggested class minus that of the given one, 0 to 1
 */
public record LabelIssue(int index, int given, int suggested, double confidence) {}
