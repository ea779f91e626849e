package gradus.onnx;

import gradus.protobuf.ProtoMessage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One operation of a graph.
 *
 * @param type the name of the operator
 * @param inputs names of values and constants, in the operator's order
 * @param output the name of its value, and its own
 * @param attributes by name: a Float, an Integer, or a list of Integers
 */
record OnnxNode(String type, List<String> inputs, String output, Map<String, Object> attributes) {
  private static final int FLOAT = 1;
  private static final int INT = 2;
  private static final int INTS = 7;

  OnnxNode {
    inputs = List.copyOf(inputs);
    attributes = Map.copyOf(attributes);
  }

  OnnxNode(String type, List<String> inputs, String output) {
    this(type, inputs, output, Map.of());
  }

  OnnxNode with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(attributes);
    more.put(name, value);
    return new OnnxNode(type, inputs, output, more);
  }

  /** The same operation between other values. */
  OnnxNode between(List<String> newInputs, String newOutput) {
    return new OnnxNode(type, newInputs, newOutput, attributes);
  }

  /** As a NodeProto. */
  ProtoMessage message() {
    ProtoMessage node = new ProtoMessage();
    inputs.forEach(input -> node.text(1, input));
    node.text(2, output).text(3, output).text(4, type);
    attributes.keySet().stream()
        .sorted() // the same network gives the same bytes
        .forEach(name -> node.message(5, attribute(name, attributes.get(name))));
    return node;
  }

  private static ProtoMessage attribute(String name, Object value) {
    ProtoMessage attribute = new ProtoMessage().text(1, name);
    if (value instanceof Float number) {
      return attribute.float32(2, number).int64(20, FLOAT);
    }
    if (value instanceof Integer number) {
      return attribute.int64(3, number).int64(20, INT);
    }
    if (value instanceof List<?> numbers) {
      long[] all = numbers.stream().mapToLong(number -> (Integer) number).toArray();
      return attribute.int64s(8, all).int64(20, INTS);
    }
    throw new IllegalArgumentException("The attribute " + name + " cannot be " + value + ".");
  }
}
