package gradus.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts a batch norm into the convolution before it, by which inference gets faster: {@code w' = w
 * g} and {@code b' = (b - mean) g + beta} with {@code g = gamma / sqrt(variance + epsilon)}, for
 * each filter. A batch norm that does not stand directly behind a convolution, or behind one whose
 * value or weights somebody else needs too, stays.
 */
final class BatchNormFolding {
  private final List<OnnxNode> nodes;
  private final Map<String, OnnxTensor> constants;
  private final Map<String, Integer> uses = new HashMap<>();

  private BatchNormFolding(OnnxGraph graph) {
    nodes = graph.nodes();
    constants = graph.constants();
    for (OnnxNode node : nodes) {
      node.inputs().forEach(input -> uses.merge(input, 1, Integer::sum));
    }
  }

  static void apply(OnnxGraph graph) {
    new BatchNormFolding(graph).run();
  }

  private void run() {
    Map<String, Integer> convolutions = new HashMap<>();
    List<OnnxNode> kept = new ArrayList<>();
    for (OnnxNode node : nodes) {
      Integer place =
          node.type().equals("BatchNormalization") ? convolutions.get(node.inputs().get(0)) : null;
      if (place != null && isOnlyFor(kept.get(place))) {
        kept.set(place, fold(kept.get(place), node));
        continue;
      }
      if (node.type().equals("Conv")) {
        convolutions.put(node.output(), kept.size());
      }
      kept.add(node);
    }
    nodes.clear();
    nodes.addAll(kept);
  }

  private boolean isOnlyFor(OnnxNode convolution) {
    return uses.get(convolution.output()) == 1
        && convolution.inputs().stream().skip(1).allMatch(name -> uses.get(name) == 1);
  }

  private OnnxNode fold(OnnxNode convolution, OnnxNode norm) {
    float epsilon = (Float) norm.attributes().get("epsilon");
    OnnxTensor weight = constants.get(convolution.inputs().get(1));
    float[] filters = new float[weight.values().remaining()];
    weight.values().get(filters);
    int count = weight.shape()[0];
    int size = filters.length / count;
    boolean hasBias = convolution.inputs().size() > 2;
    float[] biases = new float[count];
    for (int k = 0; k < count; k++) {
      double gain = value(norm, 1, k) / Math.sqrt((double) value(norm, 4, k) + epsilon);
      for (int i = k * size; i < (k + 1) * size; i++) {
        filters[i] = (float) (filters[i] * gain);
      }
      double before = hasBias ? value(convolution, 2, k) : 0;
      biases[k] = (float) ((before - value(norm, 3, k)) * gain + value(norm, 2, k));
    }
    norm.inputs().stream().skip(1).filter(name -> uses.get(name) == 1).forEach(constants::remove);
    OnnxTensor bias =
        new OnnxTensor(
            hasBias ? convolution.inputs().get(2) : weight.name() + "/bias",
            new int[] {count},
            biases);
    constants.put(weight.name(), new OnnxTensor(weight.name(), weight.shape(), filters));
    constants.put(bias.name(), bias);
    return convolution.between(
        List.of(convolution.inputs().get(0), weight.name(), bias.name()), norm.output());
  }

  private float value(OnnxNode node, int input, int index) {
    return constants.get(node.inputs().get(input)).values().get(index);
  }
}
