package gradus.bench.page;

import gradus.bench.record.Measurement;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The middle of several rounds. Rounds that others disturbed are left out, unless most were.
 *
 * @param median of the rounds that count
 * @param spread from the lowest to the highest of them, relative to the median
 * @param rounds how many count
 * @param disturbed whether disturbed rounds had to be counted
 */
record Rate(double median, double spread, int rounds, boolean disturbed) {

  /** Of measurements that are not empty. */
  static <M extends Measurement> Rate of(List<M> measurements, ToDoubleFunction<M> value) {
    List<M> quiet = measurements.stream().filter(Measurement::quiet).toList();
    boolean disturbed = 2 * quiet.size() < measurements.size();
    double[] values =
        (disturbed ? measurements : quiet).stream().mapToDouble(value).sorted().toArray();
    int middle = values.length / 2;
    double median =
        values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    double spread = (Arrays.stream(values).max().orElseThrow() - values[0]) / median;
    return new Rate(median, spread, values.length, disturbed);
  }

  /** What follows a figure that disturbed rounds are in. */
  String star() {
    return disturbed ? " *" : "";
  }
}
