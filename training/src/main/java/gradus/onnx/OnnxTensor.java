package gradus.onnx;

import gradus.layer.Parameter;
import gradus.protobuf.ProtoMessage;
import java.nio.FloatBuffer;

/** A named constant of a graph: weights, mostly. Its values are never changed. */
final class OnnxTensor {
  static final int FLOAT = 1;

  private final String name;
  private final int[] shape;
  private final float[] values;

  /** Takes over the arrays. */
  OnnxTensor(String name, int[] shape, float[] values) {
    this.name = name;
    this.shape = shape;
    this.values = values;
  }

  static OnnxTensor of(Parameter parameter) {
    return new OnnxTensor(parameter.name(), parameter.shape().toArray(), parameter.read());
  }

  String name() {
    return name;
  }

  FloatBuffer values() {
    return FloatBuffer.wrap(values).asReadOnlyBuffer();
  }

  int[] shape() {
    return shape.clone();
  }

  long bytes() {
    return (long) values.length * Float.BYTES;
  }

  /** As a TensorProto. */
  ProtoMessage message() {
    long[] dims = new long[shape.length];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = shape[i];
    }
    return new ProtoMessage()
        .int64s(1, dims)
        .int64(2, FLOAT)
        .text(8, name)
        .float32s(9, values); // raw_data is little-endian too
  }
}
